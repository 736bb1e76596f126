import { invalid } from '../policy/iam-fields.js';
import type { IdpHook } from '../policy/idp-hooks.js';
import type { Adapter } from './adapter.js';
import { isNeverIngested } from './never-ingested.js';

/** The properties of a collection with their data types; undefined: there is no such collection. */
export type PropertiesOf = (collection: string) => ReadonlyMap<string, string> | undefined;

/**
 * Refuses what a hook says of organizations where its provider names none, where an object, an attribute or a claim would be a user's and an organization's at once, or where it names what
 * is not there. Throws PV9011 naming the field.
 */
export function checkOrganizations(
  hook: IdpHook,
  adapter: Adapter,
  hookPath: string,
  propertiesOf: PropertiesOf,
): void {
  const { organizations } = hook;
  if (!organizations) return;
  const path = `${hookPath}.organizations`;
  const { collection, map, clients, claim, idClaim } = organizations;
  if (!adapter.organizations) invalid(path, 'Events of this provider name no organization.');
  if (collection === hook.collection)
    invalid(`${path}.collection`, 'What users are in organizations needs a collection of its own.');
  const properties =
    propertiesOf(collection) ?? invalid(`${path}.collection`, 'The collection does not exist.');
  const exist = (field: string, named: Iterable<string>): void => {
    for (const property of named)
      if (!properties.has(property)) invalid(`${path}.${field}`, 'A property does not exist.');
  };
  exist('map', map.values());
  exist('clients', [...(clients?.values() ?? [])].flat());
  if ((clients === undefined) !== (hook.clients === undefined))
    invalid(`${path}.clients`, 'There are lists for clients here and in the hook, or in neither.');

  for (const source of map.keys()) {
    const reason = adapter.refuseSource(source);
    if (reason !== null) invalid(`${path}.map`, reason);
    if (isNeverIngested(source.slice(source.indexOf('.') + 1)))
      invalid(`${path}.map`, 'Credentials are never copied.');
    if (hook.map.has(source)) invalid(`${path}.map`, "The hook's own map has this source, too.");
    if (hook.ignore.includes(source)) invalid(`${path}.map`, 'The hook ignores this source.');
  }
  if (idClaim !== undefined) checkIdClaim(hook, adapter, idClaim, path);
  if (claim === undefined) return;
  const reason = adapter.refuseClaim(claim);
  if (reason !== null) invalid(`${path}.claim`, reason);
  if (claim === hook.claim) invalid(`${path}.claim`, "This is the claim of the user's own token.");
}

function checkIdClaim(hook: IdpHook, adapter: Adapter, idClaim: string, path: string): void {
  if (adapter.organizations !== 'claim')
    invalid(`${path}.id_claim`, "This provider's events name the organization by themselves.");
  const source = `claims.${idClaim}`;
  const reason = adapter.refuseSource(source);
  if (reason !== null) invalid(`${path}.id_claim`, reason);
  if (hook.map.has(source) || hook.organizations!.map.has(source))
    invalid(`${path}.id_claim`, 'A map has this claim as a source.');
}
