import type { Operation } from '../operation.js';
import { presentAction, presentHttpCall } from './action-named.js';

export const listActions: Operation<'listActions'> = {
  id: 'listActions',

  async run(call, vault) {
    await call.record({ outcome: 'allowed' });
    const actions = [...call.metadata.actions.values()].map(presentAction);
    return [presentHttpCall(vault), ...actions].sort((a, b) => (a.name < b.name ? -1 : 1));
  },
};
