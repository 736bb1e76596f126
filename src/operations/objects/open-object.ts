import { VaultError } from '../../errors.js';
import {
  type ObjectKey,
  type PackedField,
  type Place,
  decodePacked,
  fieldOpener,
} from '../../crypto/index.js';
import type { ObjectRow } from '../../store/objects/object-row.js';
import type { Vault } from '../vault.js';

/** An object whose rows were found to belong together and whose key is open; its values are still sealed. */
export interface OpenObject {
  readonly row: ObjectRow;
  readonly key: ObjectKey;
  readonly place: Place;
  readonly fields: readonly PackedField[];
  /** Opens one of the fields. Throws PV9010. */
  readonly open: (field: PackedField) => string;
}

/**
 * Opens the key of an object. Throws PV9010 where row and key row do not belong together: a cell, a row or a key was moved, removed or
 * put back from an older state.
 */
export async function openObject(vault: Vault, row: ObjectRow): Promise<OpenObject> {
  if (!row.key) throw new VaultError('PV9010');
  const fields = decodePacked(row.sealed);
  const place = { tenant: row.tenant, collection: row.collection, record: row.id };
  const keyset = await vault.keyring.opening(row.key.keysetId, row.key.keysetVersion);
  const key = keyset.openObjectKey(row.key, place, {
    revision: row.revision,
    fields,
    expiresAt: row.expiresAt,
    owner: row.owner,
  });
  return { row, key, place, fields, open: fieldOpener(key, place) };
}

/** The text of one field, or null where the object has none. Throws PV9010. */
export function openFieldText(object: OpenObject, property: number): string | null {
  const field = object.fields.find((packed) => packed.property === property);
  return field ? object.open(field) : null;
}
