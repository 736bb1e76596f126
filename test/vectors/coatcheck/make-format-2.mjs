/**
 * Wrote format-2.json, once: the bytes of docs/FORMAT.md section 5.1, of a token row that has a value hash (section 5) and of transactions
 * (section 9). Run after `npm run build`: `node test/vectors/coatcheck/make-format-2.mjs > format-2.json`.
 */
import { Key } from '../../../dist/crypto/key.js';
import { KeysetVersion } from '../../../dist/crypto/keyset.js';
import { LookupKeys } from '../../../dist/crypto/lookup-keys.js';
import { ObjectKey } from '../../../dist/crypto/object-key.js';
import { sealTokenMeta } from '../../../dist/crypto/token-record.js';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytesFrom = (start) => Buffer.from(Array.from({ length: 32 }, (_, i) => start + i));
const secrets = { keyset: bytesFrom(0x40), lookup: bytesFrom(0x60), token: bytesFrom(0xa0) };
const keys = Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, Key.fromSecret(secret)]));
const lookup = new LookupKeys(2, keys.lookup);

const values = [
  { space: 7, scope: 'default', values: [{ property: 17, text: '"45860945864"' }] },
  {
    space: 7,
    scope: 'default',
    values: [
      { property: 300, text: '"078-05-1120"' },
      { property: 17, text: '"45860945864"' },
    ],
  },
  { space: 7, scope: 'Zürich', values: [{ property: 18, text: '{"名":"Ǆ","n":1.5}' }] },
  {
    space: 0,
    scope: 'global:people',
    values: [
      { property: 'ssn', text: '"078-05-1120"' },
      { property: 'name', text: '"Ann"' },
    ],
  },
];

const place = { tenant: 'Zürich', collection: 7, record: 'c0ffee00-1234-4abc-8def-0123456789ab' };
const TOKEN_ID = '1aca18c7-aaa2-3c59-5418-7546433be09c';
const row = {
  ...place,
  hash: lookup.tokenHash(7, TOKEN_ID),
  type: 'pci_oneway',
  scope: 'default',
  object: null,
  revision: 3,
  snapshot: null,
  valueHash: lookup.tokenValues('pci_oneway', values[0]),
};
const meta = { tokenId: TOKEN_ID, props: [17], tags: ['VIP'], expiresAt: new Date('2031-02-03T04:05:06.789Z') };
const tokenKey = new ObjectKey(keys.token, '77777777-8888-4999-aaaa-bbbbbbbbbbbb');
const transaction = lookup.transaction(7, 'tokenize', 'Tr 1/ü');
const keyset = new KeysetVersion('5b1e0c1a-7d0f-4b7e-9a51-0d6a5f2f3c01', 3, keys.keyset);

const vectors = {
  format: 'coatcheck-vectors-2',
  secrets: Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, hex(secret)])),
  values: values.map((each) => ({
    ...each,
    hashes: Object.fromEntries(
      ['pci', 'pci_oneway', 'deterministic'].map((type) => [type, hex(lookup.tokenValues(type, each))]),
    ),
    deterministic: lookup.deterministicToken(each),
    cardDigits: [0, 1].map((attempt) => lookup.deterministicCardDigits(each, attempt)),
  })),
  tokenMeta: {
    ...place,
    keyId: tokenKey.id,
    type: row.type,
    scope: row.scope,
    revision: row.revision,
    hash: hex(row.hash),
    valueHash: hex(row.valueHash),
    token_id: meta.tokenId,
    props: meta.props,
    tags: meta.tags,
    expires: meta.expiresAt.getTime(),
    sealed: hex(sealTokenMeta(tokenKey, row, meta)),
  },
  transaction: {
    collection: 7,
    operation: 'tokenize',
    id: 'Tr 1/ü',
    bytes: hex(transaction),
    ids: `["${TOKEN_ID}"]`,
    sealed: hex(keyset.sealAnswer(transaction, `["${TOKEN_ID}"]`)),
  },
};
process.stdout.write(`${JSON.stringify(vectors, null, 2)}\n`);
