/**
 * Wrote ciphertext-1.json, once: docs/FORMAT.md section 10 as the vault's own code makes it from keys and ids that are written down here. A
 * randomized ciphertext has a random nonce, so a second run makes another file: ciphertext-1.json is never written again.
 *
 *   npm run build && node test/vectors/coatcheck/make-ciphertext.mjs > test/vectors/coatcheck/ciphertext-N.json
 */
import { sealCiphertext } from '../../../dist/crypto/ciphertext.js';
import { Key } from '../../../dist/crypto/key.js';
import { KeysetVersion } from '../../../dist/crypto/keyset.js';

const secret = Buffer.from(Array.from({ length: 32 }, (_, i) => 0x40 + i));
const keyset = {
  id: '5b1e0c1a-7d0f-4b7e-9a51-0d6a5f2f3c01',
  version: 3,
  collection: 7,
  tenant: 'Zürich',
  secret: secret.toString('hex'),
};
const version = new KeysetVersion(
  keyset.id,
  keyset.version,
  Key.fromSecret(secret),
  keyset.collection,
  keyset.tenant,
);

const json = (property, value) => ({ property, form: 'json', value: JSON.stringify(value) });
const contents = [
  { name: 'one field', scope: 'default', expires: null, tags: [], fields: [json(17, '45860945864')] },
  { name: 'nothing', scope: 'default', expires: null, tags: [], fields: [] },
  {
    name: 'fields of every form, out of order, with expiry',
    scope: 'größe 😀',
    expires: Date.parse('2031-02-03T04:05:06.789Z'),
    tags: [],
    fields: [
      json(4294967044, '2026-01-02T03:04:05.678Z'),
      { property: 300, form: 'bytes', value: '00ff' },
      json(0, '0b8f8a8c-6a0e-4a0e-9a39-0d5d1f6b6c11'),
      json(18, { 名: 'Ǆ', n: 1.5 }),
    ],
  },
];
const tagged = { ...contents[0], name: 'tags', tags: ['VIP', 'ß', ''] };

const seal = (type, { name, scope, expires, tags, fields }) => {
  const content = {
    expiresAt: expires === null ? null : new Date(expires),
    tags,
    fields: fields.map(({ property, form, value }) => ({
      property,
      form,
      value: Buffer.from(value, form === 'json' ? 'utf8' : 'hex'),
    })),
  };
  return { name, type, scope, expires, tags, fields, ciphertext: sealCiphertext(version, type, scope, content).toString('base64') };
};

const ciphertexts = [
  ...contents.map((content) => seal('deterministic', content)),
  ...contents.map((content) => seal('randomized', content)),
  seal('randomized', tagged),
];
process.stdout.write(`${JSON.stringify({ format: 'coatcheck-ciphertext-vectors-1', keyset, ciphertexts }, null, 2)}\n`);
