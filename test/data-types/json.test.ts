import { accepts, LIMITS, normalise, refuses } from './tables.js';

accepts('JSON', [
  [{}, {}, 'an empty object'],
  [{ a: 1, b: 'x', c: true, d: null }, { a: 1, b: 'x', c: true, d: null }, 'every kind of value'],
  [{ list: [1, null, [2]], deep: { x: {} } }, { deep: { x: {} }, list: [1, null, [2]] }, 'nesting is kept'],
  [{ zero: -0, list: [-0] }, { list: [0], zero: 0 }, 'negative zero is zero'],
  [
    { constructor: 1, toString: 'x' },
    { constructor: 1, toString: 'x' },
    'names of Object.prototype are names',
  ],
  [{ text: 'e\u0301' }, { text: 'e\u0301' }, 'texts inside are not composed'],
]);

refuses('JSON', [
  [[], 'an array is no object'],
  ['{}', 'JSON text is no object'],
  [1, 'a number is no object'],
  [true, 'a boolean is no object'],
  [null, 'null is no object'],
  [{ a: 'x\u0000' }, 'U+0000 in a value'],
  [{ 'x\u0000': 1 }, 'U+0000 in a name'],
  [{ a: [{ b: '\ud800' }] }, 'a lone surrogate deep inside'],
  [{ '\ud800': 1 }, 'a lone surrogate in a name'],
  [{ a: undefined }, 'undefined is no JSON value'],
  [{ a: NaN }, 'not a number is no JSON number'],
  [{ a: Infinity }, 'what 1e999 is parsed to'],
  [{ a: () => 1 }, 'a function is no JSON value'],
]);

test('JSON refuses a bigint', () => {
  expect(normalise('JSON', { a: 1n }).ok).toBe(false);
});

test('objects that differ in the order of their members have one normal form', () => {
  const one = normalise('JSON', JSON.parse('{"b":{"y":1,"x":2},"a":[{"d":1,"c":2}]}'));
  const other = normalise('JSON', JSON.parse('{"a":[{"c":2,"d":1}],"b":{"x":2,"y":1}}'));
  expect(JSON.stringify(one)).toBe(JSON.stringify(other));
});

test.each(['{"__proto__":{"admin":true}}', '{"a":[{"__proto__":null}]}'])(
  'a member named __proto__ is refused and sets nothing: %s',
  (text) => {
    expect(normalise('JSON', JSON.parse(text))).toEqual({
      ok: false,
      reason: 'must not have a member named __proto__',
    });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  },
);

test('twenty levels are accepted, one more is not, arrays counted too', () => {
  const nested = (levels: number, text: (inner: string) => string): unknown => {
    let json = '1';
    for (let level = 1; level < levels; level++) json = text(json);
    return JSON.parse(`{"a":${json}}`);
  };
  for (const wrap of [(inner: string) => `{"a":${inner}}`, (inner: string) => `[${inner}]`]) {
    expect(normalise('JSON', nested(20, wrap)).ok).toBe(true);
    expect(normalise('JSON', nested(21, wrap)).ok).toBe(false);
    expect(normalise('JSON', nested(5000, wrap)).ok).toBe(false);
  }
});

test('a cycle is refused instead of followed', () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  expect(normalise('JSON', cycle).ok).toBe(false);
});

test('the limit counts the bytes of the JSON text', () => {
  const limits = { ...LIMITS, maxBlobLength: '{"a":"é"}'.length + 1 };
  expect(normalise('JSON', { a: 'é' }, limits).ok).toBe(true);
  expect(normalise('JSON', { a: 'éé' }, limits).ok).toBe(false);
});
