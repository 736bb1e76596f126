import { VaultError } from '../../errors.js';
import type { Adapter, AdapterEvent } from '../../idp/adapter.js';
import { adapterOf } from '../../idp/adapters/index.js';
import type { IdpEvent } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { NO_TENANT } from '../tenancy.js';
import type { Call } from '../call.js';

/** A call that reports logins. */
export type HookCall = Call<'receiveIdpEvent'> | Call<'importIdpUsers'>;
type AnyHookCall = HookCall | Call<'getIdpHook'>;

/** An event of a provider there is, and how it is read. Throws PV9086 for any other. */
export function adapterEvent({ path }: HookCall): {
  readonly adapter: Adapter;
  readonly event: AdapterEvent;
} {
  const adapter = adapterOf(path.provider);
  const event = adapter && Object.hasOwn(adapter.events, path.event) ? adapter.events[path.event] : undefined;
  if (!adapter || !event) throw new VaultError('PV9086');
  return { adapter, event };
}

/**
 * The hook through which a key may report an event: its user is one of the hook's, and provider, issuer and tenant are the hook's own; where the event
 * says no issuer, it is the only one of the key's for that provider. Throws PV9088, which does not say which of them is not.
 */
export function hookOf(call: AnyHookCall, event: Pick<IdpEvent, 'issuer'>): IdpHook {
  return namedHookOf(call, event)[1];
}

/** The same with its name. */
export function namedHookOf(
  { metadata, principal, path, tenants }: AnyHookCall,
  { issuer }: Pick<IdpEvent, 'issuer'>,
): readonly [name: string, hook: IdpHook] {
  const hooks = [...metadata.iam.config.idpHooks].filter(
    ([, each]) =>
      !each.disabled &&
      each.provider === path.provider &&
      (issuer === undefined || each.issuer === issuer) &&
      principal.jwt === undefined &&
      each.users.includes(principal.user),
  );
  const [named] = hooks;
  const foreign = tenants.some((tenant) => tenant !== (named?.[1].tenant ?? NO_TENANT));
  if (named === undefined || hooks.length > 1 || foreign) throw new VaultError('PV9088');
  return named;
}
