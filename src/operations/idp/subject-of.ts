import type { LinkedSubject } from '../../crypto/index.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { Vault } from '../vault.js';

/** A user of a provider as the vault's hashes name them. */
export function subjectOf({ provider, issuer, tenant }: IdpHook, subject: string): LinkedSubject {
  return { provider, issuer, tenant, subject };
}

/** Somebody whom the provider has no id of yet: known by the object that they have, or will have, until one of its users shows the object's id. */
export function provisionalSubject(hook: IdpHook, objectId: string): LinkedSubject {
  return subjectOf(hook, `link:${objectId}`);
}

/** What the subject may be found by: its hash under each lookup version, so that none is forgotten when a new one comes. */
export function subjectHashes(vault: Vault, subject: LinkedSubject): Buffer[] {
  return vault.keyring.lookups.map((lookup) => lookup.subjectHash(subject));
}
