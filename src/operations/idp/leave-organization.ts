import { randomUUID } from 'node:crypto';
import { VaultError } from '../../errors.js';
import { type Decision, type LeavingEvent, NOTHING_TO_DO } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { insertSubject } from '../../store/change-idp-subjects.js';
import type { Statement } from '../../store/database.js';
import { type FoundSubject, findSubject } from '../../store/find-idp-subjects.js';
import { deleteTokensOf, insertMerged } from '../../store/idp-links.js';
import { leaveOrganization as leave } from '../../store/idp-organizations.js';
import type { Call } from '../call.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import { permit, refuseHopeless, touchDeletion } from '../permit.js';
import type { Vault } from '../vault.js';
import { archiveOf } from './archive-of.js';
import { GRACE_MS, brakeErasures } from './erase-subject.js';
import { type Account, guardMember, userHashOf } from './member-of.js';
import { MOST_RACES, committed } from './raced.js';
import { nameOf, queryOf, subjectOf } from './subject-of.js';

type HookCall = Call<'receiveIdpEvent'>;

/**
 * A user is no member of an organization any more: what they were there is archived with its tokens at once and deleted when the grace is over, and nothing else of them is touched. There is no
 * tombstone: should they come back, they get a new object. It is noted of somebody unknown, too, so that a login that is under way stores nothing. Throws PV9089 past the hook's number an hour.
 */
export async function leaveOrganization(
  call: HookCall,
  vault: Vault,
  hook: IdpHook,
  { subject, organization, at }: LeavingEvent,
): Promise<Decision> {
  if (!hook.organizations) {
    await call.record({ outcome: 'allowed', rule: 'nothing-of-concern' });
    return NOTHING_TO_DO;
  }
  const collection = collectionNamed(call.metadata, hook.organizations.collection);
  const users = collectionNamed(call.metadata, hook.collection);
  await refuseHopeless(call, collection, 'delete');
  const [user, member] = [subjectOf(hook, subject), subjectOf(hook, subject, organization)];

  for (let races = 0; races < MOST_RACES; races++) {
    const account = {
      ...{ collection: users, user },
      found: await findSubject(vault.database, queryOf(vault, users, hook, user)),
    };
    const found = await findSubject(vault.database, queryOf(vault, collection, hook, member));
    for (const { object } of [account.found, found])
      if (object && object.tenant !== hook.tenant) throw new VaultError('PV9009');
    const facts = { collection: collection.name, objects: found.object ? [found.objectId] : [] };
    const { rule } = await permit(call, collection, touchDeletion(collection), facts);
    const nothing = nothingToLeave(account, found, at ?? call.startedAt);
    if (nothing !== null) {
      await call.record({ ...facts, outcome: 'allowed', rule: `${rule} ${nothing}` });
      return NOTHING_TO_DO;
    }

    if (found.object) await brakeErasures(call, vault, hook, member);
    const name = nameOf(vault, member);
    const left = { collection: collection.id, from: found.objectId, to: randomUUID() };
    const made = {
      ...{ ...name, collection: collection.id, objectId: found.objectId, provenance: {} },
      ...{ now: call.startedAt, erasure: null, userHash: userHashOf(vault, account) },
    };
    const statements = [
      ...guardMember(call, vault, account, found.row),
      ...(found.row ? [] : [insertSubject({ ...made, fresh: { suspendedAt: null, statusAt: null } })]),
      leave(found.row?.hash ?? name.hash, left, call.startedAt),
      ...(await removalOf(call, vault, collection, found, name.issuerHash)),
    ];
    await call.record({ ...facts, outcome: 'allowed', rule: `${rule} left` });
    if (await committed(vault, statements)) return NOTHING_TO_DO;
  }
  throw new VaultError('PV3218');
}

/** What is told of before they last left is known. */
function nothingToLeave(account: Account, { row }: FoundSubject, at: Date): string | null {
  if (row?.erasedAt || account.found.row?.erasedAt) return 'erased-before';
  return row?.unlinkedAt && row.unlinkedAt.getTime() >= at.getTime() ? 'left-before' : null;
}

async function removalOf(
  call: HookCall,
  vault: Vault,
  collection: KnownCollection,
  found: FoundSubject,
  issuerHash: Buffer,
): Promise<Statement[]> {
  const { object, objectId } = found;
  if (!object) return [];
  const deleteAt = new Date(call.startedAt.getTime() + GRACE_MS);
  return [
    ...(await archiveOf(call, vault, collection, found)),
    deleteTokensOf(collection.id, objectId),
    insertMerged(collection.id, objectId, issuerHash, call.startedAt, deleteAt),
  ];
}
