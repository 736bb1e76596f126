import type { Operation } from '../operation.js';
import { HTTP_CALL, actionNamed, presentAction, presentHttpCall } from './action-named.js';

export const getActionByName: Operation<'getActionByName'> = {
  id: 'getActionByName',

  async run(call, vault) {
    const { action: name } = call.path;
    const action =
      name === HTTP_CALL ? presentHttpCall(vault) : presentAction(actionNamed(call.metadata, name));
    await call.record({ outcome: 'allowed' });
    return action;
  },
};
