import { VaultError } from '../../errors.js';
import type { StoredProperty } from '../../store/metadata.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';

/** The property that raw bytes are a value of. Throws PV3004 where there is none of that name, PV9006 where it is of a type that is not BLOB nor based on it. */
export function blobProperty(collection: KnownCollection, name: string): StoredProperty {
  if (!collection.all.has(name)) throw new VaultError('PV3004', { field: 'prop' });
  const property = collection.own.get(name);
  if (property?.baseTypeName !== 'BLOB') {
    throw new VaultError('PV9006', { field: 'prop', reason: 'must be of type BLOB' });
  }
  return property;
}

/** The body of a request whose content is `application/octet-stream`; the contract's types know it as a string. */
export function bodyBytes(call: Call<'encryptBlob' | 'decryptBlob'>): Buffer {
  return call.body as unknown as Buffer;
}
