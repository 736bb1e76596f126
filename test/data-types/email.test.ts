import type { BuiltinTypeName } from '../../src/data-types/index.js';
import { accepts, LIMITS, normalise, refuses } from './tables.js';

const EITHER: [string, string][] = [
  ['JohnA@gmail.com', 'the case is kept'],
  ['john@GMAIL.com', 'in the domain too'],
  ['j@x.io', 'one character'],
  ["o'brien+tag=1@example.com", 'signs of an atom'],
  ['first.last@sub.example.co.uk', 'several labels'],
  ['x@a-b--c.com', 'dashes inside a label'],
  ['x@xn--bcher-kva.example', 'an internationalised label'],
  ['123@456.com', 'digits'],
];
const NEITHER: [unknown, string][] = [
  ['', 'nothing'],
  ['john', 'no domain'],
  ['@example.com', 'no local part'],
  ['john@', 'an empty domain'],
  ['john@localhost', 'one label'],
  ['john@example.123', 'a top level of digits'],
  ['john@example.c0', 'a top level that ends in a digit'],
  ['john@10.0.0.1', 'an address'],
  ['.john@example.com', 'a leading dot'],
  ['john.@example.com', 'a trailing dot'],
  ['jo..hn@example.com', 'two dots'],
  ['john@example..com', 'an empty label'],
  ['john@-example.com', 'a label that begins with a dash'],
  ['john@example-.com', 'a label that ends in a dash'],
  ['jo hn@example.com', 'a space'],
  ['john@exam ple.com', 'a space in the domain'],
  ['a@b@example.com', 'two at signs'],
  [' john@example.com', 'space in front'],
  ['john@example.com\n', 'a line break behind'],
  ['john@example.com\nBcc: x@example.com', 'a header behind'],
  ['"jo\nhn"@example.com', 'a line break in quotes'],
  ['"jo"hn"@example.com', 'an open quote'],
  ['Jane <jane@example.com>', 'a display name'],
  ['jo\u0000hn@example.com', 'U+0000'],
  ['jo\ud83dhn@example.com', 'a lone surrogate'],
  [7, 'a number'],
  [['a@b.com'], 'an array'],
];
const LOOSE_ONLY: [string, string][] = [
  ['"john doe"@example.com', 'a quoted local part'],
  ['"a@b"@example.com', 'an at sign in quotes'],
  ['"a\\"b"@example.com', 'a quote in quotes'],
  ['jürgen@example.com', 'letters beyond ASCII'],
  ['x@bücher.example', 'letters beyond ASCII in the domain'],
  ['x@example.com.', 'a dot at the end of the domain'],
  ['x@a~b.com', 'a tilde in the domain'],
  [`${'a'.repeat(65)}@example.com`, 'a local part above 64'],
  [`x@${'a'.repeat(64)}.com`, 'a label above 63'],
  [`x@${'a.'.repeat(140)}com`, 'an address above 254'],
  ['x@example.c', 'a top level of one letter'],
];

describe.each<BuiltinTypeName>(['EMAIL', 'EMAIL_STRICT'])('%s', (name) => {
  accepts(
    name,
    EITHER.map(([text, why]) => [text, text, why]),
  );
  refuses(name, NEITHER);

  test('accepts the longest address of a setting and no longer one', () => {
    const limits = { ...LIMITS, maxStringLength: 12 };
    expect(normalise(name, 'abc@defg.com', limits).ok).toBe(true);
    expect(normalise(name, 'abcd@defg.com', limits).ok).toBe(false);
  });
});

accepts(
  'EMAIL',
  LOOSE_ONLY.map(([text, why]) => [text, text, why]),
);
refuses('EMAIL_STRICT', LOOSE_ONLY);
refuses('EMAIL', [[`x@${'a.'.repeat(160)}com`, 'longer than any mail system carries']]);
