import type { Adapter } from '../../idp/adapter.js';
import type { LoginRules } from '../../idp/login.js';
import type { IdpHook } from '../../policy/idp-hooks.js';

/** What a hook says of logins, over its provider's own map. */
export function loginRules({ standardMap }: Adapter, hook: IdpHook): LoginRules {
  const { map: custom, keep, conflict, claim, quarantine, profile } = hook;
  const map = { custom, standard: standardMap, ignore: ignoredBy(hook) };
  return { map, keep, conflict, claim, quarantine, profile };
}

/** What is left alone, and what is an organization's, its id among it: none of it is the user's own. */
export function ignoredBy({ ignore, organizations }: IdpHook): string[] {
  const idClaim = organizations?.idClaim;
  return [
    ...ignore,
    ...(organizations?.map.keys() ?? []),
    ...(idClaim === undefined ? [] : [`claims.${idClaim}`]),
  ];
}
