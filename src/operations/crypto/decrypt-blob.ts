import { VaultError } from '../../errors.js';
import { collectionNamed } from '../collection-named.js';
import { lifecycleOf } from '../objects/lifecycle-of.js';
import { revealWith, revealedFacts } from '../objects/reveal.js';
import { BytesAnswer, type Operation } from '../operation.js';
import { permit, touchProperties } from '../permit.js';
import { blobProperty, bodyBytes } from './blob-property.js';
import { type FieldValue, jsonOfValue, textOfValue } from './field-values.js';
import { DEFAULT_SCOPE, openCiphertexts } from './open-ciphertext.js';

export const decryptBlob: Operation<'decryptBlob'> = {
  id: 'decryptBlob',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const { name } = blobProperty(collection, call.query.prop);
    const facts = { collection: collection.name, asked: [[name, null] as const] };
    const { reveals, rule } = await permit(call, collection, touchProperties('decrypt', [name]), facts);

    const given = { bytes: bodyBytes(call), scope: call.query.scope || DEFAULT_SCOPE, field: 'body' };
    const [opened] = await openCiphertexts(call, vault, collection, [given], lifecycleOf(call.query));
    const value = opened!.values.get(name);
    if (!value) throw new VaultError('PV9006', { field: 'prop', reason: 'not in the ciphertext' });

    await call.record({ ...facts, ...revealedFacts(reveals), rule });
    if (reveals[0]!.transformation === null) return new BytesAnswer(bytesOf(value));
    // Masked for the caller's role: what it may see of the bytes is a text, or nothing.
    const shown =
      revealWith(reveals, collection, call.startedAt, noToken, () => textOfValue(value))[name] ?? '';
    return new BytesAnswer(Buffer.from(typeof shown === 'string' ? shown : JSON.stringify(shown)));
  },
};

/** A role's mask is never a token. */
const noToken = (): null => null;

function bytesOf(field: FieldValue): Buffer {
  const { form, value } = field;
  // Values of custom types were once kept as text.
  if (form === 'json') return Buffer.from(jsonOfValue(field) as string, 'base64');
  return Buffer.from(value.buffer, value.byteOffset, value.length);
}
