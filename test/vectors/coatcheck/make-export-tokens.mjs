/**
 * Wrote export-2.json, once: the values of tokens of section 12 of docs/FORMAT.md, under the export key of export-1.json.
 *
 *   npm run build && node test/vectors/coatcheck/make-export-tokens.mjs > test/vectors/coatcheck/export-N.json
 */
import { readFileSync } from 'node:fs';
import { ExportRoot } from '../../../dist/crypto/export-key.js';
import { Key } from '../../../dist/crypto/key.js';

const first = JSON.parse(readFileSync(new URL('export-1.json', import.meta.url), 'utf8'));
const secret = Buffer.from(first.secrets.root, 'hex');
const root = await ExportRoot.load({ description: 'vector', load: async () => Key.fromSecret(secret) });
const key = root.read(first.exportKey);
const places = [
  ['users', '3e84e552-0a7d-4c3b-9a0e-6f1f2d3c4b5a', '0b8f8a8c-6a0e-4a0e-9a39-0d5d1f6b6c11', 'ssn', '"078-05-1120"'],
  ['users', '3e84e552-0a7d-4c3b-9a0e-6f1f2d3c4b5a', null, 'ssn', '"078-05-1120"'],
  ['c', 'kept_id-1', null, 'A', '{"名":1.5}'],
];
const values = places.map(([collection, token, owner, property, text]) => ({
  collection,
  token,
  owner,
  property,
  text,
  exported: key.seal({ collection, token, owner, property }, text),
}));
process.stdout.write(`${JSON.stringify({ values }, null, 2)}\n`);
