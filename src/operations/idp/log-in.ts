import type { Adapter } from '../../idp/adapter.js';
import type { Decision, LoginEvent } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { collectionNamed } from '../collection-named.js';
import { refuseHopeless } from '../permit.js';
import type { Vault } from '../vault.js';
import { followLinks } from './follow-links.js';
import type { IdpCall } from './hook-of.js';
import { storeLogin } from './store-login.js';

/** Takes somebody's login to the vault, as the hook says, with the links it shows. It is recorded also where nothing is stored and nothing shown. */
export async function logIn(
  call: IdpCall,
  vault: Vault,
  adapter: Adapter,
  hook: IdpHook,
  event: LoginEvent,
): Promise<Decision> {
  await refuseHopeless(call, collectionNamed(call.metadata, hook.collection), 'tokenize');
  const warnings = await followLinks(call, vault, hook, event);
  const decision = await storeLogin(call, vault, adapter, hook, event);
  return { ...decision, warnings: [...decision.warnings, ...warnings] };
}
