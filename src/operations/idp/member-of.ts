import type { LinkedSubject } from '../../crypto/index.js';
import type { Statement } from '../../store/database.js';
import { insertSubject } from '../../store/change-idp-subjects.js';
import type { FoundSubject, SubjectRow } from '../../store/find-idp-subjects.js';
import { lockSubjects } from '../../store/idp-links.js';
import { requireUnerased } from '../../store/idp-organizations.js';
import type { HeldSubject } from '../../store/tokens/change-tokens.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { nameOf } from './subject-of.js';

/** The user whom something in an organization belongs to, as they were found in the collection of users. */
export interface Account {
  readonly collection: KnownCollection;
  readonly user: LinkedSubject;
  readonly found: FoundSubject;
}

/** The row that holds what the user is in organizations. */
export function userHashOf(vault: Vault, { user, found }: Account): Buffer {
  return found.row?.hash ?? nameOf(vault, user).hash;
}

/** The rows that stand for the user: their own, and that of whoever has the object. */
export function holdersOf(vault: Vault, account: Account): HeldSubject[] {
  const { row, objectId } = account.found;
  const own = userHashOf(vault, account);
  const hashes = row && !row.holder.equals(own) ? [own, row.holder] : [own];
  return hashes.map((hash) => ({ hash, collection: account.collection.id, objectId }));
}

/**
 * What goes before any change of what a user is in an organization: the rows are locked, the user's made where there is none, and nothing happens where the user
 * was erased meanwhile. So an erasure or a suspension of the user comes before the change, which then finds it, or after, and then finds the change.
 */
export function guardMember(
  call: Call,
  vault: Vault,
  account: Account,
  member: SubjectRow | null,
): Statement[] {
  const holders = holdersOf(vault, account).map(({ hash }) => hash);
  const { row, objectId } = account.found;
  const made = {
    ...nameOf(vault, account.user),
    ...{ collection: account.collection.id, objectId, provenance: {}, now: call.startedAt, erasure: null },
    fresh: { suspendedAt: null, statusAt: null },
  };
  return [
    lockSubjects(member ? [...holders, member.hash] : holders),
    ...(row ? [] : [insertSubject(made)]),
    requireUnerased(holders),
  ];
}
