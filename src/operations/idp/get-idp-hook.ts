import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import { adapterOf } from '../../idp/adapters/index.js';
import { decide } from '../../policy/decide.js';
import { HOOK_CAPABILITIES } from '../../policy/idp-hooks.js';
import type { IdpOrganizations } from '../../policy/idp-organizations.js';
import type { Operation as PolicyOperation } from '../../policy/operations.js';
import type { Call } from '../call.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { touchProperties } from '../permit.js';
import type { Vault } from '../vault.js';
import { namedHookOf, ofIssuer } from './hook-of.js';
import { type AskingHook, askingHook, openServiceSecret } from './passwords/service-secret.js';
import { ignoredBy } from './login-rules.js';

export const getIdpHook: Operation<'getIdpHook'> = {
  id: 'getIdpHook',

  async run(call, vault) {
    if (!adapterOf(call.path.provider)) throw new VaultError('PV9086');
    const [name, hook] = namedHookOf(call, ofIssuer(call.query.issuer));
    const collection = collectionNamed(call.metadata, hook.collection);
    await call.record({ collection: collection.name, outcome: 'allowed' });
    const asking = askingHook(name, hook);
    return {
      name,
      provider: hook.provider,
      issuer: hook.issuer,
      ...(hook.tenant !== '' && { tenant: hook.tenant }),
      collection: collection.name,
      capabilities: [...call.principal.capabilities].filter((each) => HOOK_CAPABILITIES.has(each)),
      ...(hook.claim !== undefined && { claim: hook.claim }),
      token_seconds: hook.tokenSeconds,
      ...(hook.clients && {
        clients: Object.fromEntries([...hook.clients].map(([client, list]) => [client, [...list]])),
      }),
      ...(hook.organizations && { organizations: described(hook.organizations) }),
      ...(hook.profile && { profile: { ...hook.profile, required: [...hook.profile.required] } }),
      properties: propertiesFor(call, collection),
      map: Object.fromEntries(hook.map),
      ignore: ignoredBy(hook),
      keep: [...hook.keep],
      ...(hook.quarantine !== undefined && { quarantine: hook.quarantine }),
      ...(asking && { passwords: await readinessOf(vault, asking) }),
      time: call.startedAt.toISOString(),
    };
  },
};

/** Whether the service could be asked; it is not. */
async function readinessOf(
  vault: Vault,
  asking: AskingHook,
): Promise<NonNullable<components['schemas']['IdpHookDescription']['passwords']>> {
  try {
    vault.outbound.target(asking.url, false);
  } catch {
    return 'not_allowed';
  }
  return (await openServiceSecret(vault, asking)) === null ? 'no_secret' : 'ready';
}

function described(organizations: IdpOrganizations): components['schemas']['IdpHookOrganizations'] {
  const { collection, map, clients, claim, idClaim } = organizations;
  return {
    collection,
    map: Object.fromEntries(map),
    ...(clients && {
      clients: Object.fromEntries([...clients].map(([client, list]) => [client, [...list]])),
    }),
    ...(claim !== undefined && { claim }),
    ...(idClaim !== undefined && { id_claim: idClaim }),
  };
}

function propertiesFor(
  call: Call<'getIdpHook'>,
  collection: KnownCollection,
): components['schemas']['IdpHookProperty'][] {
  const may = (operation: PolicyOperation, property: string): boolean =>
    decide(call.metadata.iam.compiled, {
      caller: call.principal.caller,
      collection: collection.facts,
      reason: call.reason,
      touches: touchProperties(operation, [property]),
    }).allowed;
  return [...collection.own.values()].map(({ name, dataTypeName, isNullable }) => ({
    name,
    data_type_name: dataTypeName,
    is_required: !isNullable,
    may_store: may('write', name),
    may_tokenize: may('tokenize', name),
    may_erase: may('delete', name),
  }));
}
