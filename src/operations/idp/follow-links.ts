import { VaultError } from '../../errors.js';
import type { LoginEvent, Warning } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { type ShownSubject, findShown } from '../../store/idp-links.js';
import { findSubject } from '../../store/find-idp-subjects.js';
import { collectionNamed } from '../collection-named.js';
import type { Vault } from '../vault.js';
import type { IdpCall } from './hook-of.js';
import { linkSubjects } from './link-subjects.js';
import { queryOf, subjectHashes, subjectOf } from './subject-of.js';
import { unlinked } from './unlink-subject.js';

/** A login that began before an identity was unlinked still shows it; no login takes that long. */
const STILL_UNDER_WAY_MS = 10 * 60_000;

/**
 * What a login shows of links at the provider becomes so in the vault: identities that are linked there are linked here, and one that was, but logs in
 * as a user of its own, is not any more. Most logins find all of it done, in one look.
 */
export async function followLinks(
  call: IdpCall,
  vault: Vault,
  hook: IdpHook,
  { subject, linked }: LoginEvent,
): Promise<Warning[]> {
  if (linked === undefined) return [];
  const names = [subject, ...linked.filter((each) => each !== subject)];
  const hashes = names.map((name) => subjectHashes(vault, subjectOf(hook, name)));
  const known = await findShown(vault.database, hashes.flat());
  const [own, ...others] = hashes.map((each) =>
    known.find(({ hash }) => each.some((one) => one.equals(hash))),
  );
  if (own?.alias === 'shown') await leave(call, vault, hook, subject);

  const warnings: Warning[] = [];
  for (const [i, other] of others.entries()) {
    if (isDone(own, other) || isLeaving(other, call.startedAt)) continue;
    const link = { primary: subject, secondary: names[i + 1]!, as: 'shown' } as const;
    warnings.push(...(await linkSubjects(call, vault, hook, link).catch(postponed)));
  }
  return warnings;
}

/** What stands against linking (a person who owns too much, an object that does not open, one race too many) does not stand against the login. */
function postponed(error: unknown): Warning[] {
  if (error instanceof VaultError && error.status < 500) return [{ code: 'postponed' }];
  throw error;
}

function isDone(own: ShownSubject | undefined, other: ShownSubject | undefined): boolean {
  return (
    own !== undefined && own.alias === null && other?.alias === 'shown' && other.objectId === own.objectId
  );
}

function isLeaving(other: ShownSubject | undefined, now: Date): boolean {
  const at = other?.unlinkedAt?.getTime();
  return at !== undefined && at > now.getTime() - STILL_UNDER_WAY_MS;
}

async function leave(call: IdpCall, vault: Vault, hook: IdpHook, name: string): Promise<void> {
  const collection = collectionNamed(call.metadata, hook.collection);
  const found = await findSubject(vault.database, queryOf(vault, collection, hook, subjectOf(hook, name)));
  if (found.row?.alias !== 'shown' || found.row.erasedAt) return;
  await call.record({
    collection: collection.name,
    objects: [found.objectId],
    outcome: 'allowed',
    rule: 'login unlinked',
  });
  // Where somebody else was faster the login finds what they did.
  await unlinked(call, vault, collection, found);
}
