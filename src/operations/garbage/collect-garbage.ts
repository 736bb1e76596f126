import { objectGarbage } from './object-garbage.js';
import { transactionGarbage } from './transaction-garbage.js';
import { tokenGarbage } from './token-garbage.js';
import type { QueryOf } from '../operation.js';
import type { DeletionCount, GarbageRun } from './garbage-run.js';

type Filter = NonNullable<QueryOf<'garbageCollection'>['filter']>;

/** Most items that one run removes. */
export const MOST_ITEMS = 10_000;

/** What can be garbage, in the order in which it is removed and counted. */
const KINDS: readonly { filter: Filter; collect(run: GarbageRun): Promise<DeletionCount[]> }[] = [
  { filter: 'tokens_only', collect: tokenGarbage },
  { filter: 'objects_only', collect: objectGarbage },
  // Last: what refers to the tokens that went just now refers to nothing.
  { filter: 'transaction_ids_only', collect: transactionGarbage },
];

/** Removes garbage of one kind, or of all, and says how much of each went; one count each, also where it is none. */
export async function collectGarbage(run: GarbageRun, only: Filter | null): Promise<DeletionCount[]> {
  const counts: DeletionCount[] = [];
  for (const { filter, collect } of KINDS) {
    if (only === null || only === filter) counts.push(...(await collect(run)));
  }
  return counts;
}
