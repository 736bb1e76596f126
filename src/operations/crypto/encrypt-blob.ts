import { VaultError } from '../../errors.js';
import { collectionNamed } from '../collection-named.js';
import { expirationOfNew } from '../expiration.js';
import { BytesAnswer, type Operation } from '../operation.js';
import { permit, touchProperties } from '../permit.js';
import { tenantForNew } from '../tenancy.js';
import { blobProperty, bodyBytes } from './blob-property.js';
import { DEFAULT_SCOPE } from './open-ciphertext.js';
import { readTags, sealValues } from './seal-values.js';

export const encryptBlob: Operation<'encryptBlob'> = {
  id: 'encryptBlob',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const { name } = blobProperty(collection, call.query.prop);
    const value = bodyBytes(call);
    if (value.length > vault.settings.types.maxBlobLength) {
      throw new VaultError('PV3002', {
        property: name,
        reason: 'must not be longer than db.max_blob_length',
      });
    }
    const type = call.query.type ?? 'randomized';
    const listed = (call.query.tags ?? '').split(',').filter((tag) => tag !== '');
    const tags = readTags(vault, type, listed, 'tags');
    const expiresAt = expirationOfNew(call.query.expiration_secs, call.startedAt, null);

    const facts = { collection: collection.name, asked: [[name, null] as const] };
    const { rule } = await permit(call, collection, touchProperties('encrypt', [name]), facts);
    const keyset = await vault.keyring.sealing(collection.id, tenantForNew(call, undefined));

    await call.record({ ...facts, outcome: 'allowed', rule });
    const terms = { type, scope: call.query.scope || DEFAULT_SCOPE, tags, expiresAt };
    return new BytesAnswer(
      sealValues(keyset, collection, terms, new Map([[name, { form: 'bytes', value }]])),
    );
  },
};
