import fc from 'fast-check';
import { VaultError } from '../../src/errors.js';
import { parseJson } from '../../src/http/parse-json.js';

const KIB = 1024;
const MAX = 256 * KIB;
const parse = (text: string | Buffer, max = MAX): unknown => parseJson(Buffer.from(text as string), max);

function refusal(text: string | Buffer, max = MAX): unknown {
  try {
    parse(text, max);
    return 'accepted';
  } catch (error) {
    const { code, context } = error as VaultError;
    return { code, ...context };
  }
}

const nested = (depth: number, open = '[', close = ']'): string =>
  open.repeat(depth) + '1' + close.repeat(depth);

test('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6, noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      if (text.includes('__proto__') || text.includes('\\u0000')) return;
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
  );
});

test.each([
  ['nothing', '', 'It is not valid JSON.'],
  ['half an object', '{"a":', 'It is not valid JSON.'],
  ['a comma too much', '[1,]', 'It is not valid JSON.'],
  ['two values', '1 2', 'It is not valid JSON.'],
  ['a number that is none', '[01]', 'It is not valid JSON.'],
  ['a string without an end', '"a', 'It is not valid JSON.'],
  ['a raw control character', '"a\u0001b"', 'It is not valid JSON.'],
  ['a comment', '{} // x', 'It is not valid JSON.'],
  ['closing brackets only', ']]]]', 'It is not valid JSON.'],
  ['a byte order mark', '\ufeff{}', 'It begins with a byte order mark.'],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'It is not UTF-8.'],
  ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'It is not UTF-8.'],
  ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'It is not UTF-8.'],
  ['a member given twice', '{"a":1,"a":2}', 'A member is given twice.'],
  ['a member given twice, spelt differently', '{"a":1,"\\u0061":2}', 'A member is given twice.'],
  ['__proto__', '{"__proto__":{"admin":true}}', 'The name __proto__ is not allowed.'],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'The name __proto__ is not allowed.'],
  ['__proto__ in escapes', '{"\\u005f_proto__":1}', 'The name __proto__ is not allowed.'],
  ['a number beyond all numbers', '-1e999', 'A number is too large.'],
  ['21 levels', nested(21), 'It nests too deep.'],
  ['100,000 levels of arrays', nested(1e5), 'It nests too deep.'],
  ['100,000 levels of objects', nested(1e5, '{"a":', '}'), 'It nests too deep.'],
  ['100,000 opening brackets', '['.repeat(1e5), 'It nests too deep.'],
])('%s is refused without being quoted', (_, text, reason) => {
  expect(refusal(text)).toEqual({ code: 'PV1012', field: 'body', reason });
});

test.each([
  ['20 levels', nested(20)],
  ['brackets in a string', JSON.stringify('[{'.repeat(100))],
  ['a quote and brackets in a string', JSON.stringify('"[[[[[[[[[[[[[[[[[[[[[[[[[[[[')],
  ['a colon in a string', '{"a:b":"c:d"}'],
  ['constructor and prototype as names', '{"constructor":{"prototype":{}}}'],
  ['a pair of surrogates', '"\\ud83d\\ude00"'],
  ['a large number', '[1e308]'],
])('%s is fine', (_, text) => {
  expect(parse(text)).toEqual(JSON.parse(text));
});

test('__proto__ does not get into any prototype', () => {
  expect(() => parse('{"__proto__":{"polluted":1}}')).toThrow();
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test.each([
  ['"\\ud800"', 'body'],
  ['{"ssn":"\\udc00"}', '/ssn'],
  ['{"a":{"b":["x","\\ud800 y"]}}', '/a/b/1'],
  ['{"a":"x\\u0000y"}', '/a'],
  // A name that does not look like one could be a value in the wrong place: the pointer ends before it.
  ['{"123-12-1234":"\\ud800"}', 'body'],
  ['{"list":[{"john@example.org":"\\u0000"}]}', '/list/0'],
  ['{"a":{"\\ud800":1}}', '/a'],
])('text that cannot be kept in %s is refused at %s', (text, field) => {
  expect(refusal(text)).toMatchObject({ code: 'PV1012', field });
});

test('2,000 members per 256 KiB that the operation takes', () => {
  const members = (count: number): string =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, 1])));
  expect(refusal(members(2_000))).toBe('accepted');
  expect(refusal(members(2_001))).toMatchObject({ reason: 'It has too many members.' });
  expect(refusal(members(4_000), 2 * MAX)).toBe('accepted');
  expect(refusal(members(4_001), 2 * MAX)).toMatchObject({ reason: 'It has too many members.' });
});

test('a body that is all escapes is measured in one pass', () => {
  const text = JSON.stringify({ a: '\\'.repeat(200_000), b: '"'.repeat(200_000), c: '\\"'.repeat(100_000) });
  expect(parse(text, 8 * MAX)).toEqual(JSON.parse(text));
});
