import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { type EntryDraft, decodeEntry, encodeEntry, textHash } from '../../src/access-log/entry.js';
import { leafHash } from '../../src/access-log/tree.js';
import { entryText } from '../crypto/by-the-document.js';

const text = fc.string({ unit: 'binary' }).filter((given) => given.isWellFormed());
const entry = fc.record(
  {
    time: fc.constant('2026-01-01T00:00:00.000Z'),
    request_id: text,
    caller_request_id: text,
    user: text,
    role: text,
    key_id: text,
    issuer: text,
    subject: text,
    delegation: fc.record({ issuer: text, subject: text, trusted_role: text }, { noNullPrototype: true }),
    action: text,
    operation: text,
    collection: text,
    objects: fc.array(text, { minLength: 1 }),
    tokens: fc.array(text, { minLength: 1 }),
    asked: fc.array(fc.tuple(text, fc.option(text)), { minLength: 1 }),
    revealed: fc.array(fc.tuple(text, fc.option(text)), { minLength: 1 }),
    touches: fc.array(
      fc.oneof(fc.tuple(text), fc.tuple(text, text, text), fc.tuple(text, text, text, text)),
      {
        minLength: 1,
      },
    ),
    reason: text,
    reason_defaulted: fc.constant(true),
    outcome: fc.constantFrom('allowed', 'masked', 'denied', 'failed'),
    rule: text,
    admin_reads: fc.constant(true),
    iam_version: fc.nat(),
    tenants: fc.array(text, { minLength: 1 }),
    remote_addr: text,
    error_code: text,
    refers: fc.nat(),
    count: fc.nat(),
    erased: fc.array(fc.nat(), { minLength: 1 }),
  },
  { requiredKeys: ['time', 'request_id', 'user', 'role', 'operation', 'outcome', 'iam_version'] },
) as fc.Arbitrary<EntryDraft>;

const ORDER =
  'v time request_id caller_request_id user role key_id issuer subject delegation action operation collection objects tokens asked revealed touches reason reason_defaulted adhoc_hash custom_hash outcome rule admin_reads iam_version tenants remote_addr error_code refers count erased'.split(
    ' ',
  );

test('an entry comes back as it was written, whatever its texts hold, but for what is no text', () => {
  fc.assert(
    fc.property(entry, (draft) => {
      const asText = JSON.stringify(draft, (_, value: unknown) =>
        typeof value === 'string' ? value.replace(/[\p{Surrogate}\0]/gu, '\ufffd') : value,
      );
      expect(decodeEntry(encodeEntry(draft).bytes)).toEqual({ v: 1, ...(JSON.parse(asText) as object) });
    }),
  );
});

test('its bytes are one line of compact JSON, members in the order of docs/FORMAT.md, in whatever order they were given', () => {
  fc.assert(
    fc.property(entry, (draft) => {
      const { bytes } = encodeEntry(draft);
      expect(bytes.every((byte) => byte >= 0x20)).toBe(true);
      const shuffled = Object.fromEntries(Object.entries(draft).reverse()) as unknown as EntryDraft;
      expect(encodeEntry(shuffled).bytes).toEqual(bytes);
      const names = Object.keys(JSON.parse(bytes.toString('utf8')) as object);
      expect(names).toEqual(ORDER.filter((name) => names.includes(name)));
      expect(bytes.toString('utf8')).toBe(JSON.stringify(JSON.parse(bytes.toString('utf8'))));
    }),
  );
});

const LEAST: EntryDraft = {
  time: '2026-01-01T00:00:00.000Z',
  request_id: 'r',
  user: 'u',
  role: 'r',
  operation: 'o',
  outcome: 'allowed',
  iam_version: 0,
};

test('what says nothing is left out: empty lists, false, undefined', () => {
  const { bytes } = encodeEntry({
    ...LEAST,
    objects: [],
    tokens: [],
    tenants: [],
    reason_defaulted: false,
    rule: undefined,
  });
  expect(bytes).toEqual(encodeEntry(LEAST).bytes);
});

test('a zero is said: the first entry can be referred to', () => {
  expect(decodeEntry(encodeEntry({ ...LEAST, refers: 0 }).bytes).refers).toBe(0);
});

test('a free text is committed to by its salted hash and is not in the bytes', () => {
  fc.assert(
    fc.property(text, text, (adhoc, custom) => {
      const { bytes, texts } = encodeEntry({
        ...LEAST,
        texts: { adhoc_reason: adhoc, custom_audit: custom },
      });
      const decoded = decodeEntry(bytes);
      expect(Object.keys(decoded)).not.toContain('texts');
      expect(texts.map((each) => textHash(each.salt, each.text))).toEqual([
        decoded.adhoc_hash,
        decoded.custom_hash,
      ]);
      expect(texts.map((each) => [each.kind, each.text, each.salt.length])).toEqual([
        ['adhoc_reason', adhoc, 16],
        ['custom_audit', custom, 16],
      ]);
    }),
  );
});

test('the same text twice has two salts and two hashes', () => {
  const draft = { ...LEAST, texts: { adhoc_reason: 'x' } };
  expect(encodeEntry(draft).bytes).not.toEqual(encodeEntry(draft).bytes);
});

test.each(['', 'x', 'null', '[]', '{}', '{"v":2}', '{"v":"1"}', '5'])('bytes %j are no entry', (bytes) => {
  expect(() => decodeEntry(Buffer.from(bytes))).toThrow();
});

test.each(['entry-members', 'entry-action'])(
  '%s: what came later stands where docs/FORMAT.md says, and the leaf is over exactly those bytes',
  (name) => {
    const file = path.join(import.meta.dirname, `../vectors/coatcheck/${name}.json`);
    const { draft, text, leaf } = JSON.parse(readFileSync(file, 'utf8')) as Record<
      'text' | 'leaf',
      string
    > & {
      draft: EntryDraft;
    };
    expect(entryText({ ...draft })).toBe(text);
    expect(encodeEntry(draft).bytes.toString('utf8')).toBe(text);
    expect(leafHash(Buffer.from(text)).toString('hex')).toBe(leaf);
  },
);
