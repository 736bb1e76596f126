import { VaultError } from '../../errors.js';
import { type Decision, type ErasureEvent, NOTHING_TO_DO } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { Statement } from '../../store/database.js';
import { UniqueViolation } from '../../store/database-errors.js';
import {
  type FoundSubject,
  countErasures,
  findSubject,
  insertSubject,
  markErased,
} from '../../store/idp-subjects.js';
import type { Call } from '../call.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import { openObject } from '../objects/open-object.js';
import { permit, refuseHopeless, touchDeletion } from '../permit.js';
import type { Vault } from '../vault.js';
import { changeLinked } from './change-linked.js';
import { subjectHashes, subjectOf } from './subject-of.js';

const HOUR_MS = 3600 * 1000;
/** How long what was erased by event can be brought back by an operator: a stolen key or a wrong deletion must not be final. */
const GRACE_MS = 7 * 24 * HOUR_MS;
const MOST_RACES = 5;

/**
 * Erases a person whom the provider deleted: the object is archived and its tokens with it at once, a tombstone keeps it from being made again,
 * and after the grace everything but the tombstone is deleted (docs/adr/0036). Somebody unknown gets a tombstone too, so that a login that is under way stores
 * nothing. Repetitions change nothing. Throws PV9089 past the hook's number an hour.
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
  const { lookup, lookups } = vault.keyring;
  const query = {
    collection: collection.id,
    hashes: subjectHashes(vault, subject),
    claimed: [],
    derivedId: lookup.linkedObjectId(subject),
    adopt: null,
    tenant: hook.tenant,
  };

  for (let races = 0; races < MOST_RACES; races++) {
    const found = await findSubject(vault.database, query);
    if (found.object && found.object.tenant !== hook.tenant) throw new VaultError('PV9009');
    const facts = { collection: collection.name, objects: found.object ? [found.objectId] : [] };
    const { rule } = await permit(call, collection, touchDeletion(collection), facts);
    if (found.row?.erasedAt) {
      await call.record({ ...facts, outcome: 'allowed', rule: `${rule} erased-before` });
      return NOTHING_TO_DO;
    }

    const since = new Date(call.startedAt.getTime() - HOUR_MS);
    const erased = await countErasures(
      vault.database,
      lookups.map((each) => each.issuerHash(subject)),
      since,
    );
    if (erased >= hook.erasuresPerHour) throw new VaultError('PV9089');

    const deleteAt = new Date(call.startedAt.getTime() + GRACE_MS);
    const tombstone = found.row
      ? markErased(found.row.hash, call.startedAt, deleteAt)
      : insertSubject({
          hash: lookup.subjectHash(subject),
          lookupVersion: lookup.version,
          issuerHash: lookup.issuerHash(subject),
          collection: collection.id,
          objectId: found.objectId,
          provenance: {},
          now: call.startedAt,
          erasure: { deleteAt },
        });
    const archive = await archiveOf(call, vault, collection, found);
    await call.record({ ...facts, outcome: 'allowed', rule });
    if (await committed(vault, [...archive, tombstone])) return NOTHING_TO_DO;
  }
  throw new VaultError('PV3218');
}

/** Ends the life of the object now; what is archived already stays so. */
async function archiveOf(
  call: Call<'receiveIdpEvent'>,
  vault: Vault,
  collection: KnownCollection,
  { object, active }: FoundSubject,
): Promise<Statement[]> {
  if (!object || !active) return [];
  const opened = await openObject(vault, object);
  const { statement } = await changeLinked(call, vault, collection, opened, [], call.startedAt);
  return [statement];
}

/** False where a login or another deletion of the same person was faster. */
async function committed(vault: Vault, statements: readonly Statement[]): Promise<boolean> {
  try {
    await vault.database.commit(statements);
    return true;
  } catch (error) {
    const raced =
      error instanceof UniqueViolation || (error instanceof VaultError && error.code === 'PV3218');
    if (raced) return false;
    throw error;
  }
}
