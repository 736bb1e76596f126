import { randomUUID } from 'node:crypto';
import { VaultError } from '../../errors.js';
import type { Decision, UnlinkEvent } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { deleteTokensOf, lockSubjects, unlinkSubject as unlink } from '../../store/idp-links.js';
import { type FoundSubject, findSubjects } from '../../store/find-idp-subjects.js';
import type { Call } from '../call.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import { permit, refuseHopeless, touchDeletion } from '../permit.js';
import type { Vault } from '../vault.js';
import { MOST_RACES, committed } from './raced.js';
import { queryOf, subjectOf } from './subject-of.js';

type HookCall = Call<'receiveIdpEvent'>;

const DONE: Decision = { write: {}, scrub: [], warnings: [] };

/**
 * Makes an identity that was linked somebody of its own: its next login makes a new object, of what the provider then has of it and of nothing else. All tokens
 * of the object it leaves are deleted: some were made by its logins, and nobody can tell which. Of somebody who is not linked nothing changes.
 */
export async function unlinkByEvent(
  call: HookCall,
  vault: Vault,
  hook: IdpHook,
  { subject, secondary }: UnlinkEvent,
): Promise<Decision> {
  const collection = collectionNamed(call.metadata, hook.collection);
  await refuseHopeless(call, collection, 'delete');
  const names = [secondary, ...(subject === undefined ? [] : [subject])];
  const queries = names.map((name) => queryOf(vault, collection, hook, subjectOf(hook, name)));

  for (let races = 0; races < MOST_RACES; races++) {
    // In one look: between two both may be linked to somebody else.
    const [found, from] = (await findSubjects(vault.database, queries)) as [FoundSubject, FoundSubject?];
    const { row } = found;
    const isAlias = row !== null && row.alias !== null && row.erasedAt === null;
    const isLinked = isAlias && (!from || from.objectId === found.objectId);
    const facts = { collection: collection.name, objects: isLinked ? [found.objectId] : [] };
    const { rule } = await permit(call, collection, touchDeletion(collection), facts);
    if (!isLinked) {
      await call.record({ ...facts, outcome: 'allowed', rule: `${rule} not-linked` });
      return DONE;
    }
    await call.record({ ...facts, outcome: 'allowed', rule: `${rule} unlinked` });
    if (await unlinked(call, vault, collection, found)) return DONE;
  }
  throw new VaultError('PV3218');
}

/** False where somebody else was faster. The caller has recorded it. */
export async function unlinked(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  { row, objectId }: FoundSubject,
): Promise<boolean> {
  const move = { collection: collection.id, from: objectId, to: randomUUID() };
  return committed(vault, [
    lockSubjects([row!.hash, row!.holder]),
    unlink(row!.hash, move, call.startedAt),
    deleteTokensOf(collection.id, objectId),
  ]);
}
