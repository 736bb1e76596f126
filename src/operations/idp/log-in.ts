import type { Adapter } from '../../idp/adapter.js';
import type { Decision, LoginEvent, Warning } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { collectionNamed } from '../collection-named.js';
import { refuseHopeless } from '../permit.js';
import type { Vault } from '../vault.js';
import { followLinks } from './follow-links.js';
import type { IdpCall } from './hook-of.js';
import { storeLogin } from './store-login.js';
import { storeMember } from './store-member.js';

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
  const member = await storeMember(call, vault, adapter, hook, event);
  return {
    ...joined(decision, member),
    warnings: [...decision.warnings, ...warnings, ...newIn(member, decision)],
  };
}

/** What is to be done at the provider for both, in one update there. */
function joined(decision: Decision, member: Decision | null): Decision {
  if (!member) return decision;
  const { scrub, token, claim } = member;
  return {
    ...decision,
    scrub: [...decision.scrub, ...scrub],
    ...(token !== undefined && { organization: { token, ...(claim !== undefined && { claim }) } }),
  };
}

/** That the user is suspended, for one, need not be said twice. */
function newIn(member: Decision | null, { warnings }: Decision): readonly Warning[] {
  const said = new Set(warnings.map((warning) => JSON.stringify(warning)));
  return member?.warnings.filter((warning) => !said.has(JSON.stringify(warning))) ?? [];
}
