import { setImmediate as nextTurn } from 'node:timers/promises';
import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { Revelation } from '../../access-log/entry.js';
import type { Call, Facts } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { presentError } from '../present-error.js';
import type { Vault } from '../vault.js';

type BulkResponse = components['schemas']['BulkObjectResponse'];
type Body = Readonly<Record<string, unknown>>;

/** What is wrong with single items of a bulk request, by position. */
export type Faults = Map<number, VaultError>;

/** Items worked on before others get a turn: a thousand sealed in one go would keep everybody waiting. */
const ITEMS_A_TURN = 50;

/** Some items of a bulk request cannot be done, so none is. It has the code of the first of them. */
export class BulkRefusal extends VaultError {
  readonly faults: Faults;

  constructor(faults: Faults) {
    const first = faults.get(Math.min(...faults.keys()))!;
    super(first.code, first.context);
    this.faults = faults;
  }
}

/** Throws PV9007 for more items than a batch may have. */
export function checkBulkSize(vault: Vault, items: readonly unknown[]): void {
  if (items.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'body' });
}

/** The answer to an empty list: there is nothing to decide, yet the request is recorded. */
export async function answerNothing(call: Call, collection: KnownCollection): Promise<BulkResponse> {
  await call.record({ collection: collection.name, outcome: 'allowed', rule: 'nothing-asked' });
  return { ok: true, results: [] };
}

/** The answer where every object was done. */
export function answerDone(ids: readonly string[]): BulkResponse {
  return { ok: true, results: ids.map((id) => ({ id, ok: true })) };
}

/**
 * Does the work of a bulk request. Where it throws {@link BulkRefusal}, that is recorded as the failure it is and answered item by item:
 * nothing was written, so no item is `ok`, and those that nothing is wrong with say so. `ids` are the ones the items gave.
 */
export async function answerBulk(
  call: Call,
  facts: Omit<Facts, 'outcome'>,
  ids: readonly (string | undefined)[],
  work: () => Promise<BulkResponse>,
): Promise<BulkResponse> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BulkRefusal)) throw error;
    await call.record({ ...facts, outcome: 'failed', errorCode: error.code });
    const results = ids.map((id, i) => ({
      ...(id !== undefined && { id }),
      ok: false,
      error: presentError(error.faults.get(i) ?? new VaultError('PV9030')),
    }));
    return { ok: false, results };
  }
}

/**
 * Does `work` for each item that has no fault yet; what is wrong with an item becomes its fault and its result null. What
 * concerns more than the item (a refusal, the vault's own trouble) is thrown.
 */
export async function forEachItem<Item, Result>(
  items: readonly Item[],
  faults: Faults,
  work: (item: Item, index: number) => Result | Promise<Result>,
): Promise<(Result | null)[]> {
  const attempt = async (item: Item, index: number): Promise<Result | null> => {
    if (faults.has(index)) return null;
    try {
      return await work(item, index);
    } catch (error) {
      if (!isFault(error)) throw error;
      faults.set(index, error);
      return null;
    }
  };

  const results: (Result | null)[] = [];
  for (let from = 0; from < items.length; from += ITEMS_A_TURN) {
    if (from > 0) await nextTurn();
    const turn = items.slice(from, from + ITEMS_A_TURN);
    results.push(...(await Promise.all(turn.map((item, i) => attempt(item, from + i)))));
  }
  return results;
}

/** Refuses the request where any item has a fault; returns the results, of which then none is null. */
export function allDone<Result>(results: readonly (Result | null)[], faults: Faults): Result[] {
  if (faults.size > 0) throw new BulkRefusal(faults);
  return results as Result[];
}

/** Blames the items that name an object which an earlier one names already. */
export function blameRepeatedIds(ids: readonly (string | undefined)[], faults: Faults): void {
  const seen = new Set<string>();
  ids.forEach((id, i) => {
    if (id === undefined) return;
    if (seen.has(id) && !faults.has(i)) faults.set(i, new VaultError('PV9031', { property: 'id' }));
    seen.add(id);
  });
}

/**
 * The properties that the items give, by which the policies are asked: one that may not be written refuses the whole request. The id stands
 * in for an item that gives none.
 */
export function givenByItems(collection: KnownCollection, items: readonly Body[]): string[] {
  const given = new Set<string>();
  for (const item of items) {
    const own = Object.keys(item).filter((name) => name !== 'id' && collection.all.has(name));
    for (const name of own.length > 0 ? own : ['id']) given.add(name);
  }
  return [...given];
}

/** Properties as the access log says them. */
export function plainly(names: readonly string[]): Revelation[] {
  return names.map((name) => [name, null]);
}

function isFault(error: unknown): error is VaultError {
  return error instanceof VaultError && [400, 404, 409].includes(error.status);
}
