import { randomUUID } from 'node:crypto';
import { VaultError } from '../../errors.js';
import type { LinkedSubject } from '../../crypto/index.js';
import { type Decision, type ErasureEvent, NOTHING_TO_DO } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { countErasures } from '../../store/idp-erasures.js';
import { lockSubjects } from '../../store/idp-links.js';
import { insertSubject, markErased } from '../../store/change-idp-subjects.js';
import { findSubject } from '../../store/find-idp-subjects.js';
import type { Call } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import { permit, refuseHopeless, touchDeletion } from '../permit.js';
import type { Vault } from '../vault.js';
import { archiveOf } from './archive-of.js';
import { erasureOf, membersOf, permitMembers, usersOf } from './members-of.js';
import { MOST_RACES, committed } from './raced.js';
import { nameOf, queryOf, subjectOf } from './subject-of.js';

const HOUR_MS = 3600 * 1000;
/** How long what was erased by event can be brought back by an operator: a stolen key or a wrong deletion must not be final. */
export const GRACE_MS = 7 * 24 * HOUR_MS;

/**
 * Erases a person whom the provider deleted: the object is archived and its tokens with it at once, a tombstone keeps it from being made again,
 * and after the grace everything but the tombstone is deleted (docs/adr/0036). Somebody unknown gets a tombstone too, so that a login that is under way stores
 * nothing. What they are in organizations goes with them. Of somebody who is linked to another only that identity goes: the person, and the object, are the other's. Repetitions change nothing. Throws PV9089 past the hook's number an hour.
 */
export async function eraseSubject(
  call: Call<'receiveIdpEvent'>,
  vault: Vault,
  hook: IdpHook,
  event: ErasureEvent,
): Promise<Decision> {
  const collection = collectionNamed(call.metadata, hook.collection);
  await refuseHopeless(call, collection, 'delete');
  const subject = subjectOf(hook, event.subject);
  const query = queryOf(vault, collection, hook, subject);

  for (let races = 0; races < MOST_RACES; races++) {
    const found = await findSubject(vault.database, query);
    if (found.object && found.object.tenant !== hook.tenant) throw new VaultError('PV9009');
    const isAlias = (found.row?.alias ?? null) !== null;
    const facts = { collection: collection.name, objects: found.object && !isAlias ? [found.objectId] : [] };
    const { rule } = await permit(call, collection, touchDeletion(collection), facts);
    if (found.row?.erasedAt) {
      await call.record({ ...facts, outcome: 'allowed', rule: `${rule} erased-before` });
      return NOTHING_TO_DO;
    }

    await brakeErasures(call, vault, hook, subject);
    const deleteAt = new Date(call.startedAt.getTime() + GRACE_MS);
    const tombstone = found.row
      ? markErased(
          found.row,
          isAlias ? randomUUID() : found.objectId,
          call.startedAt,
          isAlias ? null : deleteAt,
        )
      : insertSubject({
          ...nameOf(vault, subject),
          collection: collection.id,
          objectId: found.objectId,
          provenance: {},
          now: call.startedAt,
          erasure: { deleteAt },
        });
    const members = await membersOf(vault, hook, usersOf(collection, found));
    const ofMembers = await permitMembers(call, members, 'of the user');
    const archive = isAlias ? [] : await archiveOf(call, vault, collection, found);
    const erasure = await erasureOf(call, vault, members, deleteAt);
    const rows = found.row ? [found.row.hash, ...members.found.map(({ hash }) => hash)] : [];
    await call.record({ ...facts, outcome: 'allowed', rule });
    for (const each of ofMembers) await call.record(each);
    if (await committed(vault, [lockSubjects(rows), tombstone, ...erasure, ...archive])) return NOTHING_TO_DO;
  }
  throw new VaultError('PV3218');
}

/** Throws PV9089 where the hook has erased, or given up for others', as many as it may within the hour. */
export async function brakeErasures(
  call: Call,
  vault: Vault,
  hook: IdpHook,
  subject: LinkedSubject,
): Promise<void> {
  const issuers = vault.keyring.lookups.map((each) => each.issuerHash(subject));
  const since = new Date(call.startedAt.getTime() - HOUR_MS);
  if ((await countErasures(vault.database, issuers, since)) >= hook.erasuresPerHour)
    throw new VaultError('PV9089');
}
