import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Key } from '../../src/crypto/key.js';
import { KeysetVersion } from '../../src/crypto/keyset.js';
import * as doc from './by-the-document.js';

/** docs/FORMAT.md section 14, against what was frozen when it was added: by the page and by the code. */
const VECTORS = path.join(import.meta.dirname, '../vectors/coatcheck/secret-1.json');

const v = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
  keyset: string;
  secrets: { purpose: string[]; text: string; sealed: string }[];
};
const bytes = doc.unhex(v.keyset);
const keyset = new KeysetVersion('5b1e0c1a-7d0f-4b7e-9a51-0d6a5f2f3c01', 3, Key.fromSecret(bytes), 0, '');

test.each(v.secrets)('$purpose opens, for that purpose alone', ({ purpose, text, sealed }) => {
  const aad = doc.tuple('coatcheck/v1/secret', ...purpose);
  expect(doc.open(doc.sub(bytes, 'coatcheck/v1/secret'), aad, doc.unhex(sealed)).toString()).toBe(text);
  expect(keyset.openSecret(purpose, doc.unhex(sealed))).toBe(text);
  expect(keyset.openSecret(purpose, keyset.sealSecret(purpose, text))).toBe(text);
  for (const other of [purpose.slice(1), [...purpose, ''], purpose.toReversed()])
    expect(() => keyset.openSecret(other, doc.unhex(sealed))).toThrow(
      expect.objectContaining({ code: 'PV9010' }),
    );
});
