import type { DefineOptions } from '../../collections/define.js';
import type { Call } from '../call.js';
import type { Vault } from '../vault.js';

/** What defining a collection or property needs to know of this request and this vault. */
export function defineOptions(call: Call, vault: Vault): DefineOptions {
  return { now: call.startedAt, maxStringLength: vault.settings.types.maxStringLength };
}
