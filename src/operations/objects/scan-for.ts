import { VaultError } from '../../errors.js';
import type { Property } from '../../collections/collection.js';
import { pageOfObjects } from '../../store/objects/find-objects.js';
import type { ObjectRow } from '../../store/objects/object-row.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { openFieldText, openObject } from './open-object.js';
import { type Page, lastPage, pagingOf, positionOf, selectionOf } from './page-of.js';
import { valueText } from './read-fields.js';
import { builtinValue } from './reveal.js';
import { type SearchConditions, matchesPatterns } from './search-conditions.js';

/** Objects read from the database at a time: a hundred full profiles are about half a megabyte. */
const CHUNK = 500;

/**
 * A page of a search with conditions that no index answers: every candidate is looked at, and of each only the properties
 * compared are opened. Throws PV9008 where there are more candidates than `search.scan_limit`.
 */
export async function scanFor(
  call: Call<'searchObjects'>,
  vault: Vault,
  collection: KnownCollection,
  conditions: SearchConditions,
): Promise<Page<ObjectRow>> {
  const position = positionOf(call, vault);
  const selection = selectionOf(call, collection, conditions);
  const matches: ObjectRow[] = [];

  let after = 0;
  for (let scanned = 0; ;) {
    const rows = await pageOfObjects(vault.database, selection, after, CHUNK);
    scanned += rows.length;
    if (scanned > vault.settings.scanLimit) throw new VaultError('PV9008');
    for (const row of rows) {
      if (await meets(call, vault, collection, conditions, row)) matches.push(row);
    }
    if (rows.length < CHUNK) break;
    after = rows.at(-1)!.seq;
  }

  const ahead = matches.filter((row) => row.seq > position.after);
  if (ahead.length <= position.size) return lastPage(ahead);
  const shown = ahead.slice(0, position.size);
  const remaining = Math.min(ahead.length - shown.length, vault.settings.maxCount);
  return { rows: shown, paging: pagingOf(vault, position, shown.length, remaining, shown.at(-1)!.seq) };
}

async function meets(
  call: Call<'searchObjects'>,
  vault: Vault,
  collection: KnownCollection,
  conditions: SearchConditions,
  row: ObjectRow,
): Promise<boolean> {
  const object = await openObject(vault, row);
  if (!matchesPatterns(object, conditions)) return false;
  return conditions.scanned.every(({ property, texts }) => {
    const own = collection.own.get(property.name);
    if (own) {
      const text = openFieldText(object, own.id);
      return text !== null && texts.has(text);
    }
    const value = builtinValue(row, property.name, call.metadata);
    return value !== null && texts.has(builtinText(property, value, vault));
  });
}

/**
 * A built-in value of an object as `valueText` writes those it is compared with. Only times have another normal form than they are shown in;
 * the others are not held against today's limits again: one object from before must not make a search impossible.
 */
function builtinText(property: Property, value: string, { settings }: Vault): string {
  return property.dataTypeName === 'TIMESTAMP'
    ? valueText(property, value, settings.types)
    : JSON.stringify(value);
}
