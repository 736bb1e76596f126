/**
 * Wrote export-1.json, once: section 12 of docs/FORMAT.md as the vault's own code makes it from keys and ids that are written
 * down here. Nonces are random, so a second run makes another file: export-1.json is never written again.
 *
 *   npm run build && node test/vectors/coatcheck/make-export.mjs > test/vectors/coatcheck/export-N.json
 */
import { ExportKey, ExportRoot } from '../../../dist/crypto/export-key.js';
import { Key } from '../../../dist/crypto/key.js';
import { tuple, uuidBytes } from '../../../dist/crypto/tuple.js';

const bytesFrom = (start) => Buffer.from(Array.from({ length: 32 }, (_, i) => start + i));
const secrets = { root: bytesFrom(0xc0), key: bytesFrom(0xe0) };
const KEY = '2f1c9a3e-5b7d-4e6f-8a9b-0c1d2e3f4a5b';
const places = [
  ['users', '0b8f8a8c-6a0e-4a0e-9a39-0d5d1f6b6c11', 'ssn', '"078-05-1120"'],
  ['users', '0b8f8a8c-6a0e-4a0e-9a39-0d5d1f6b6c11', 'profile', '{"名":"Ǆ","n":1.5}'],
  ['c', '11111111-2222-4333-8444-555555555555', 'A', 'true'],
];

const root = await ExportRoot.load({ description: 'vector', load: async () => Key.fromSecret(secrets.root) });
const child = Key.fromSecret(secrets.key);
const wrapped = Key.fromSecret(secrets.root).wrap(child, tuple('coatcheck/v1/export-key', uuidBytes(KEY)));
const key = new ExportKey(child, { keyId: KEY, wrapped });

const vectors = {
  secrets: Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.toString('hex')])),
  fingerprint: root.fingerprint.toString('hex'),
  keyId: KEY,
  wrapped: wrapped.toString('hex'),
  exportKey: key.text,
  values: places.map(([collection, object, property, text]) => ({
    collection,
    object,
    property,
    text,
    exported: key.seal({ collection, object, property }, text),
  })),
};
process.stdout.write(`${JSON.stringify(vectors, null, 2)}\n`);
