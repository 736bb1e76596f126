import type { ExportKey } from '../../crypto/index.js';
import type { KnownCollection } from '../collection-named.js';
import { openExportedValues } from '../objects/exported-values.js';
import { readObjectIds } from '../objects/object-ids.js';
import type { TokenData } from './read-token-data.js';

/** A token's data with its exported values opened. Throws PV9032 for a value that does not open for this token and owner. */
export function openExportedToken(key: ExportKey, collection: KnownCollection, item: TokenData): TokenData {
  if (!item.fields) return item;
  const owner = item.object_id === undefined ? null : readObjectIds([item.object_id])[0]!;
  const place = { collection: collection.name, token: item.token_id, owner };
  return { ...item, fields: openExportedValues(key, collection, item.fields, place) };
}
