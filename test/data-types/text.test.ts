import type { BuiltinTypeName } from '../../src/data-types/index.js';
import { accepts, LIMITS, normalise, refuses } from './tables.js';

const SHORT_TEXTS: BuiltinTypeName[] = ['STRING', 'NAME', 'GENDER', 'ADDRESS', 'CC_HOLDER_NAME'];

describe.each<BuiltinTypeName>([...SHORT_TEXTS, 'LONG_TEXT'])('%s', (name) => {
  accepts(name, [
    ['Jane Doe', 'Jane Doe', 'plain text is kept'],
    ['', '', 'an empty text is a text'],
    ['  two\n lines ', '  two\n lines ', 'whitespace is the value too'],
    ['e\u0301', '\u00e9', 'a combining accent is composed'],
    ['\u212b', '\u00c5', 'the Angstrom sign is the letter'],
    ['\uac00', '\uac00', 'composed Hangul is kept'],
    ['🧥', '🧥', 'a character outside the basic plane'],
  ]);
  refuses(name, [
    [7, 'a number is no text'],
    [true, 'a boolean is no text'],
    [['Jane'], 'an array is no text'],
    [{ length: 1 }, 'an object is no text'],
    [undefined, 'nothing is no text'],
    ['a\u0000b', 'U+0000 cannot be stored'],
    ['a\ud83d', 'half a surrogate pair at the end'],
    ['\udde5a', 'the other half at the beginning'],
  ]);
});

describe.each(SHORT_TEXTS)('%s', (name) => {
  test('is limited in code units of its normal form, so that composing can make a text fit', () => {
    const limits = { ...LIMITS, maxStringLength: 4 };
    expect(normalise(name, 'abcd', limits).ok).toBe(true);
    expect(normalise(name, 'abcde', limits).ok).toBe(false);
    expect(normalise(name, '🧥🧥', limits).ok).toBe(true);
    expect(normalise(name, '🧥🧥a', limits).ok).toBe(false);
    expect(normalise(name, 'abce\u0301', limits)).toEqual({ ok: true, value: 'abc\u00e9' });
    expect(normalise(name, 'abc\u0958', limits).ok).toBe(false);
  });
});

test('LONG_TEXT is limited in bytes, not by the limit of short texts', () => {
  const limits = { ...LIMITS, maxStringLength: 1, maxBlobLength: 4 };
  expect(normalise('LONG_TEXT', 'abcd', limits).ok).toBe(true);
  expect(normalise('LONG_TEXT', 'abcde', limits).ok).toBe(false);
  expect(normalise('LONG_TEXT', 'éé', limits).ok).toBe(true);
  expect(normalise('LONG_TEXT', 'ééa', limits).ok).toBe(false);
});
