import type { Adapter } from '../../idp/adapter.js';
import type { LoginRules } from '../../idp/login.js';
import type { IdpHook } from '../../policy/idp-hooks.js';

/** What a hook says of logins, over its provider's own map. */
export function loginRules({ standardMap }: Adapter, hook: IdpHook): LoginRules {
  const { map: custom, ignore, keep, conflict, claim, quarantine } = hook;
  return { map: { custom, standard: standardMap, ignore }, keep, conflict, claim, quarantine };
}
