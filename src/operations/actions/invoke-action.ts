import { functionNamed } from '../../bundles/link.js';
import { runAction } from '../../bundles/run-action.js';
import { VaultError } from '../../errors.js';
import type { Operation } from '../operation.js';
import { actingAs } from './acting-role.js';
import { actionHost } from './action-host.js';
import { actionNamed } from './action-named.js';
import { permitAction, resourceOf } from './permit-action.js';

export const invokeAction: Operation<'invokeAction'> = {
  id: 'invokeAction',

  async run(call, vault) {
    const { name, role, function: reference } = actionNamed(call.metadata, call.path.action);
    if (!vault.sandbox) throw new VaultError('PV1003');
    const found = functionNamed(call.metadata.bundles, reference);
    if (!found) throw new VaultError('PV9058');
    await permitAction(call, name);

    const host = actionHost(call, vault, actingAs(call, vault, name, role), resourceOf(name));
    const input = { user: call.principal.user, role, reason: call.reason, body: call.body ?? null };
    const { bundle, prototype } = found;
    const result = await runAction(
      { code: bundle.code, name: prototype.name, input, now: call.startedAt },
      host,
    );
    return result;
  },
};
