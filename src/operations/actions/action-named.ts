import { presentTime } from '../../collections/present.js';
import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { Metadata, StoredAction } from '../../store/metadata.js';
import type { Vault } from '../vault.js';

type Action = components['schemas']['Action'];

/** The action that every vault has. */
export const HTTP_CALL = 'http_call';

/** An operator's action. Throws PV9055. */
export function actionNamed(metadata: Metadata, name: string): StoredAction {
  const action = metadata.actions.get(name);
  if (!action) throw new VaultError('PV9055');
  return action;
}

/** An operator's action as it travels. */
export function presentAction(action: StoredAction): Action {
  return {
    name: action.name,
    description: action.description,
    function: action.function,
    role: action.role,
    is_builtin: false,
    creation_time: presentTime(action.creationTime),
    modification_time: presentTime(action.modificationTime),
  };
}

/** `http_call` as it travels; its role is a setting. */
export function presentHttpCall(vault: Vault): Action {
  return {
    name: HTTP_CALL,
    description: 'Fills a request template with values of the vault and sends it to an allowed destination.',
    function: `builtin.${HTTP_CALL}`,
    role: vault.settings.httpCallRole,
    is_builtin: true,
  };
}
