import { VaultError } from '../../errors.js';
import type { Adapter, AdapterEvent } from '../../idp/adapter.js';
import { adapterOf } from '../../idp/adapters/index.js';
import type { IdpEvent } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { NO_TENANT } from '../tenancy.js';
import type { Call } from '../call.js';

type HookCall = Call<'receiveIdpEvent'>;

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
export function hookOf({ metadata, principal, path, tenants }: HookCall, { issuer }: IdpEvent): IdpHook {
  const hooks = [...metadata.iam.config.idpHooks.values()].filter(
    (each) =>
      !each.disabled &&
      each.provider === path.provider &&
      (issuer === undefined || each.issuer === issuer) &&
      principal.jwt === undefined &&
      each.users.includes(principal.user),
  );
  const [hook] = hooks;
  const foreign = tenants.some((tenant) => tenant !== (hook?.tenant ?? NO_TENANT));
  if (hook === undefined || hooks.length > 1 || foreign) throw new VaultError('PV9088');
  return hook;
}
