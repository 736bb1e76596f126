import { VaultError } from '../../errors.js';
import { type MergePlan, planMerge } from '../../idp/plan-merge.js';
import type { Statement } from '../../store/database.js';
import {
  deleteTokensOf,
  findOwned,
  insertMerged,
  lockObjects,
  requireNothingOwned,
} from '../../store/idp-links.js';
import type { FoundSubject, StoredProvenance } from '../../store/find-idp-subjects.js';
import type { IndexedValue, ObjectRow } from '../../store/objects/object-row.js';
import type { Call } from '../call.js';
import { type KnownCollection, knownCollection } from '../collection-named.js';
import { openObject } from '../objects/open-object.js';
import type { Vault } from '../vault.js';
import { changeLinked } from './change-linked.js';
import { GRACE_MS } from './erase-subject.js';
import { holdingsOf } from './holdings-of.js';

/** More than that of a person's is not moved by an event. */
const MOST_OWNED = 100;

/** What makes one object of two: the statements in their order, after whatever locks the subjects' rows. */
export interface Merge {
  readonly plan: MergePlan;
  /** Where the values that are taken came from. */
  readonly provenance: StoredProvenance;
  readonly statements: readonly Statement[];
  readonly indexes: readonly IndexedValue[];
}

/** A subject whose object is there and active. */
export type WithObject = FoundSubject & { readonly object: ObjectRow };

/**
 * Plans what the primary's object gets of the secondary's, which is then archived and, when its grace is over, deleted. Its tokens are deleted at once:
 * pointing at the primary's object they would show more than they were made for. What the secondary owns is the primary's from then on; PV9110
 * where that is too much. Nothing is stored yet.
 */
export async function mergeObjects(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  primary: WithObject,
  secondary: WithObject,
  issuerHash: Buffer,
): Promise<Merge> {
  const kept = await openObject(vault, primary.object);
  const given = await openObject(vault, secondary.object);
  const plan = planMerge(
    collection.own.keys(),
    holdingsOf(collection, kept, primary.row),
    holdingsOf(collection, given, secondary.row),
  );
  const fields = plan.taken.map(({ property, text }) => ({ property: collection.own.get(property)!, text }));
  const { statement, indexes } = await changeLinked(call, vault, collection, kept, fields);
  const archived = await changeLinked(call, vault, collection, given, [], { expiresAt: call.startedAt });

  const owner = { collection: collection.id, id: given.row.id };
  const deleteAt = new Date(call.startedAt.getTime() + GRACE_MS);
  return {
    plan,
    provenance: provenanceOf(collection, plan),
    statements: [
      lockObjects(collection.id, [kept.row.id, given.row.id]),
      // First, so that the values that nobody else may have are free.
      archived.statement,
      ...(await reowned(call, vault, owner, { collection: collection.id, id: kept.row.id })),
      requireNothingOwned(owner),
      statement,
      deleteTokensOf(collection.id, given.row.id),
      insertMerged(collection.id, given.row.id, issuerHash, call.startedAt, deleteAt),
    ],
    indexes,
  };
}

function provenanceOf({ own }: KnownCollection, { taken }: MergePlan): StoredProvenance {
  return Object.fromEntries(
    taken.flatMap(({ property, provenance }) =>
      provenance
        ? [[own.get(property)!.id, [provenance.connection, provenance.at, provenance.verified]]]
        : [],
    ),
  );
}

async function reowned(
  call: Call,
  vault: Vault,
  owner: { readonly collection: number; readonly id: string },
  next: { readonly collection: number; readonly id: string },
): Promise<Statement[]> {
  const rows = await findOwned(vault.database, owner, MOST_OWNED + 1);
  if (rows.length > MOST_OWNED) throw new VaultError('PV9110');
  const byId = new Map([...call.metadata.collections.values()].map((stored) => [stored.id, stored]));
  return Promise.all(
    rows.map(async (row) => {
      const stored = byId.get(row.collection);
      // Its collection was made a moment ago, and this instance has yet to hear of it.
      if (!stored) throw new VaultError('PV3218');
      const object = await openObject(vault, row);
      return (await changeLinked(call, vault, knownCollection(stored), object, [], { owner: next }))
        .statement;
    }),
  );
}
