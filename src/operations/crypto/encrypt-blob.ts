import { VaultError } from '../../errors.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import { expirationOfNew } from '../expiration.js';
import { valueText } from '../objects/read-fields.js';
import { BytesAnswer, type Operation } from '../operation.js';
import { permit, touchProperties } from '../permit.js';
import { tenantForNew } from '../tenancy.js';
import type { StoredProperty } from '../../store/metadata.js';
import type { Vault } from '../vault.js';
import { blobProperty, bodyBytes } from './blob-property.js';
import { type FieldValue, valueFromText } from './field-values.js';
import { DEFAULT_SCOPE } from './open-ciphertext.js';
import { readTags, sealValues } from './seal-values.js';

export const encryptBlob: Operation<'encryptBlob'> = {
  id: 'encryptBlob',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const property = blobProperty(collection, call.query.prop);
    const { name } = property;
    const bytes = bodyBytes(call);
    if (bytes.length > vault.settings.types.maxBlobLength) {
      throw new VaultError('PV3002', {
        property: name,
        reason: 'must not be longer than db.max_blob_length',
      });
    }
    const value = blobValue(collection, property, bytes, vault);
    const type = call.query.type ?? 'randomized';
    const listed = (call.query.tags ?? '').split(',').filter((tag) => tag !== '');
    const tags = readTags(vault, type, listed, 'tags');
    const expiresAt = expirationOfNew(call.query.expiration_secs, call.startedAt, null);

    const facts = { collection: collection.name, asked: [[name, null] as const] };
    const { rule } = await permit(call, collection, touchProperties('encrypt', [name]), facts);
    const keyset = await vault.keyring.sealing(collection.id, tenantForNew(call, undefined));

    await call.record({ ...facts, outcome: 'allowed', rule });
    const terms = { type, scope: call.query.scope || DEFAULT_SCOPE, tags, expiresAt };
    return new BytesAnswer(sealValues(keyset, collection, terms, new Map([[name, value]])));
  },
};

/** The bytes as they are; where the property's type has functions, what those make of them. Throws PV3002 and what functions throw. */
function blobValue(
  collection: KnownCollection,
  property: StoredProperty,
  bytes: Buffer,
  vault: Vault,
): FieldValue {
  if (!property.type) return { form: 'bytes', value: bytes };
  const text = valueText(property, bytes.toString('base64'), vault.settings.types);
  return valueFromText(collection, property.name, text);
}
