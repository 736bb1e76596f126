import type { LinkedSubject } from '../../crypto/index.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { SubjectName } from '../../store/change-idp-subjects.js';
import type { SubjectQuery } from '../../store/find-idp-subjects.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';

/** A user of a provider as the vault's hashes name them, or what the user is in an organization. */
export function subjectOf(
  { provider, issuer, tenant }: IdpHook,
  subject: string,
  organization?: string,
): LinkedSubject {
  return { provider, issuer, tenant, subject, ...(organization !== undefined && { organization }) };
}

/** Somebody whom the provider has no id of yet: known by the object that they have, or will have, until one of its users shows the object's id. */
export function provisionalSubject(hook: IdpHook, objectId: string): LinkedSubject {
  return subjectOf(hook, `link:${objectId}`);
}

/** What the subject may be found by: its hash under each lookup version, so that none is forgotten when a new one comes. */
export function subjectHashes(vault: Vault, subject: LinkedSubject): Buffer[] {
  return vault.keyring.lookups.map((lookup) => lookup.subjectHash(subject));
}

/** How a subject is looked for by its name alone. */
export function queryOf(
  vault: Vault,
  collection: KnownCollection,
  hook: IdpHook,
  subject: LinkedSubject,
): SubjectQuery {
  return {
    collection: collection.id,
    hashes: subjectHashes(vault, subject),
    claimed: [],
    derivedId: vault.keyring.lookup.linkedObjectId(subject),
    adopt: null,
    tenant: hook.tenant,
  };
}

/** What a new row of the subject is called. */
export function nameOf({ keyring: { lookup } }: Vault, subject: LinkedSubject): SubjectName {
  return {
    hash: lookup.subjectHash(subject),
    lookupVersion: lookup.version,
    issuerHash: lookup.issuerHash(subject),
  };
}
