import { VaultError } from '../../errors.js';
import { findByIndex } from '../../store/objects/find-by-index.js';
import { type ObjectSelection, countObjects, pageOfObjects } from '../../store/objects/find-objects.js';
import type { ObjectRow } from '../../store/objects/object-row.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { tenantFilter } from '../tenancy.js';
import type { Vault } from '../vault.js';
import { lifecycleOf } from './lifecycle-of.js';

/** Rows of a page and what the answer says about the others. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly paging: { size: number; remaining_count: number; cursor: string };
}

/** Where a request wants to go on reading. */
export interface PagePosition {
  /** `seq` of the last object already shown; 0: from the beginning. */
  readonly after: number;
  readonly size: number;
  /** What the cursor is bound to. Only a page that is not the only one needs it. */
  parameters(): string;
}

type PagedCall = Call<'listObjects'> | Call<'searchObjects'>;

/** Reads `page_size` and `cursor`. Throws PV9007 for a page too large and PV9005 for a cursor made for another request. */
export function positionOf(call: PagedCall, vault: Vault): PagePosition {
  const { page_size: size = vault.settings.defaultPageSize, cursor, props, options } = call.query;
  if (size < 1 || size > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'page_size' });

  const parameters = (): string =>
    JSON.stringify([
      call.operation,
      call.path.collection,
      call.principal.user,
      [...(props ?? [])],
      [...(options ?? [])],
      'export' in call.query && call.query.export === true,
      call.tenants,
      call.transParam,
      call.body ?? null,
    ]);
  const after = cursor ? Number(vault.keyring.lookup.readCursor(parameters(), cursor)) : 0;
  return { after, size, parameters };
}

/** What a selection of objects is narrowed to by the request itself. */
export function selectionOf(
  call: PagedCall,
  collection: KnownCollection,
  narrowed: Partial<Pick<ObjectSelection, 'ids' | 'indexed' | 'substrings'>> = {},
): ObjectSelection {
  return {
    collection: collection.id,
    lifecycle: lifecycleOf(call.query),
    tenants: tenantFilter(call),
    ids: narrowed.ids ?? null,
    indexed: narrowed.indexed ?? [],
    substrings: narrowed.substrings ?? [],
  };
}

/** One page of the objects that meet the given index conditions, in order of creation. */
export async function pageOf(
  call: PagedCall,
  vault: Vault,
  collection: KnownCollection,
  indexed: ObjectSelection['indexed'],
  ids: ObjectSelection['ids'] = null,
): Promise<Page<ObjectRow>> {
  const position = positionOf(call, vault);
  const selection = selectionOf(call, collection, { indexed, ids });
  // One more than the page says whether there is another.
  const rows =
    (await fewOf(vault, selection, position)) ??
    (await pageOfObjects(vault.database, selection, position.after, position.size + 1));
  if (rows.length <= position.size) return lastPage(rows);

  const shown = rows.slice(0, position.size);
  const last = shown.at(-1)!.seq;
  const remaining = await countObjects(vault.database, selection, last, vault.settings.maxCount);
  return { rows: shown, paging: pagingOf(vault, position, shown.length, remaining, last) };
}

/** A first page of the objects that have one value of one property, where they are few; null where the selection is any other. */
async function fewOf(
  { database }: Vault,
  { collection, lifecycle, tenants, ids, indexed: [condition, ...more], substrings }: ObjectSelection,
  { after, size }: PagePosition,
): Promise<ObjectRow[] | null> {
  if (!condition || more.length > 0 || condition.values.length !== 1 || !lifecycle) return null;
  if (ids || after > 0 || (substrings && substrings.length > 0)) return null;
  const key = { property: condition.property, value: condition.values[0]! };
  const found = await findByIndex(database, collection, lifecycle, key);
  return found?.filter(({ tenant }) => !tenants || tenants.includes(tenant)).slice(0, size + 1) ?? null;
}

/** A page with nothing behind it. */
export function lastPage<Row>(rows: readonly Row[]): Page<Row> {
  return { rows, paging: { size: rows.length, remaining_count: 0, cursor: '' } };
}

/** What an answer says of a page with `remaining` objects behind it. */
export function pagingOf(
  vault: Vault,
  position: PagePosition,
  size: number,
  remaining: number,
  last: number,
): Page<never>['paging'] {
  return {
    size,
    remaining_count: remaining,
    cursor: vault.keyring.lookup.cursor(position.parameters(), last),
  };
}
