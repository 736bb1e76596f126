import { VaultError } from '../../errors.js';
import type { Adapter, AdapterEvent } from '../../idp/adapter.js';
import { adapterOf } from '../../idp/adapters/index.js';
import type { IamConfig } from '../../policy/iam-config.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { NO_TENANT } from '../tenancy.js';
import type { Call, Principal } from '../call.js';

/** What says which hook speaks: a call for one of the operations of identity providers. */
export type IdpCall = Call<
  'receiveIdpEvent' | 'exchangeSubjectToken' | 'importIdpUsers' | 'restoreIdpUsers' | 'getIdpHook'
>;

/** An event of a provider there is; undefined for any other. */
export function findAdapterEvent(provider: string, name: string): AdapterEvent | undefined {
  const adapter = adapterOf(provider);
  return adapter && Object.hasOwn(adapter.events, name) ? adapter.events[name] : undefined;
}

/** An event of a provider there is, and how it is read. Throws PV9086 for any other, saying which there are. */
export function adapterEvent({ path }: Call<'receiveIdpEvent' | 'importIdpUsers'>): {
  readonly adapter: Adapter;
  readonly event: AdapterEvent;
} {
  const adapter = adapterOf(path.provider);
  if (!adapter) throw new VaultError('PV9086', { field: 'provider' });
  const event = findAdapterEvent(path.provider, path.event);
  if (!event) {
    const reason = `It must be one of: ${Object.keys(adapter.events).join(', ')}.`;
    throw new VaultError('PV9086', { field: 'event', reason });
  }
  return { adapter, event };
}

/** Picks the hooks of an issuer; where an event does not say it, the key does. */
export function ofIssuer(issuer: string | undefined): (hook: IdpHook) => boolean {
  return (hook) => issuer === undefined || hook.issuer === issuer;
}

/**
 * The hook through which a caller may report an event: its user is one of the hook's, or its JWT one of the hook's idp, and provider and tenant are the
 * hook's own; of those that are meant it is the only one. Throws PV9088, which does not say which of them is not.
 */
export function hookOf(call: IdpCall, isMeant: (hook: IdpHook) => boolean): IdpHook {
  return namedHookOf(call, isMeant)[1];
}

/** The same with its name. */
export function namedHookOf(
  { metadata, principal, path, tenants }: IdpCall,
  isMeant: (hook: IdpHook) => boolean,
): readonly [name: string, hook: IdpHook] {
  const hooks = hooksOf(metadata.iam.config, path.provider).filter(
    ([name, each]) => isMeant(each) && speaksFor(principal, each) && (principal.signedHook ?? name) === name,
  );
  const [named] = hooks;
  const foreign = tenants.some((tenant) => tenant !== (named?.[1].tenant ?? NO_TENANT));
  if (named === undefined || hooks.length > 1 || foreign) throw new VaultError('PV9088');
  return named;
}

/** The hooks of a provider that are in use, with their names. */
export function hooksOf(
  { idpHooks }: IamConfig,
  provider: string,
): (readonly [name: string, hook: IdpHook])[] {
  return [...idpHooks].filter(([, each]) => !each.disabled && each.provider === provider);
}

/** Whether a caller's events are the hook's, whatever they say. */
export function speaksFor({ user, jwt }: Principal, { users, idp }: IdpHook): boolean {
  return jwt === undefined ? users.includes(user) : jwt.idp === idp;
}
