import type { AnswerOf } from '../operation.js';
import type { Facts } from '../call.js';
import type { GarbagePlace } from '../../store/garbage.js';
import type { StoredCollection } from '../../store/metadata.js';
import type { Vault } from '../vault.js';

export type DeletionCount = AnswerOf<'garbageCollection'>[number];

/** One run of the garbage collection. */
export interface GarbageRun {
  readonly vault: Pick<Vault, 'database' | 'keyring' | 'settings'>;
  readonly collections: readonly StoredCollection[];
  /** Null: of all tenants. */
  readonly tenants: readonly string[] | null;
  /** Count only. */
  readonly dryRun: boolean;
  /** Items this run may still remove. */
  left: number;
  /** True when the run is to end before its next batch. */
  stopped(): boolean;
  /** Appends an entry to the access log; durable when it resolves. */
  record(facts: Facts): Promise<void>;
}

/** A kind of items in one place: how they are found, named in the access log, and removed. */
export interface Sweep<Item> {
  find(most: number): Promise<readonly Item[]>;
  facts(items: readonly Item[]): Omit<Facts, 'outcome'>;
  /** Removes those that still are garbage and says how many. */
  remove(items: readonly Item[]): Promise<number>;
}

/** Removes items batch by batch, each recorded before it goes, until none or no allowance is left; says how many. */
export async function sweep<Item>(run: GarbageRun, { find, facts, remove }: Sweep<Item>): Promise<number> {
  if (run.dryRun) {
    const { length } = await find(run.left);
    run.left -= length;
    return length;
  }
  let count = 0;
  while (run.left > 0 && !run.stopped()) {
    const most = Math.min(run.vault.settings.garbage.batchSize, run.left);
    const items = await find(most);
    if (items.length === 0) break;
    await run.record({ ...facts(items), outcome: 'allowed' });
    const removed = await remove(items);
    run.left -= removed;
    count += removed;
    // Fewer: there are no more, or somebody else is at it.
    if (items.length < most || removed < items.length) break;
  }
  return count;
}

/** Where a sweep of a collection looks. */
export function placeOf(run: GarbageRun, collection: StoredCollection): GarbagePlace {
  const { retentionSeconds } = run.vault.settings.garbage;
  return { collection: collection.id, tenants: run.tenants, retentionSeconds };
}
