import type { Adapter } from '../../idp/adapter.js';
import type { Decision, LoginEvent } from '../../idp/event.js';
import { handleLogin } from '../../idp/login.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { collectionNamed } from '../collection-named.js';
import type { Vault } from '../vault.js';
import type { IdpCall } from './hook-of.js';
import { loginRules } from './login-rules.js';
import { StoredLogin } from './stored-login.js';

/** Takes in what an event, or the provider's API, shows of a user, and says what to change there. */
export async function storeLogin(
  call: IdpCall,
  vault: Vault,
  adapter: Adapter,
  hook: IdpHook,
  event: LoginEvent,
): Promise<Decision> {
  const collection = collectionNamed(call.metadata, hook.collection);
  const port = new StoredLogin(call, vault, collection, hook, event);
  const decision = await handleLogin(port, event, loginRules(adapter, hook));
  await port.recordIfNothingWas();
  return decision;
}
