import { shows } from './tables.js';

shows('STRING.mask', [
  ['Jane Doe', '**** ***', 'a star per character'],
  ['Jane\tDoe\n', '**** *** ', 'any whitespace is a space'],
  ['a\u2003b', '* *', 'a wide space too'],
  ['🧥é!', '***', 'a character outside the basic plane counts once'],
  ['', '', 'nothing to hide'],
]);

shows('LONG_TEXT.mask', [
  ['Lorem ipsum dolor sit amet', '***** ***** ...', 'the example'],
  ['Lorem ipsum ', '***** ***** ', 'just short enough'],
  ['Lorem ipsum d', '***** ***** ...', 'one more is cut'],
  ['x'.repeat(1_000_000), '************...', 'the length is hidden'],
  ['🧥'.repeat(12), '************', 'twelve characters in 24 code units'],
  ['🧥'.repeat(13), '************...', 'a pair is not split at the cut'],
  ['a'.repeat(11) + '🧥b', '************...', 'a pair at the cut counts once'],
]);

shows('ADDRESS.mask', [
  ['350 5th Avenue, New York', '*** *** ******* *** ****', 'punctuation is starred'],
  ['111 East 100 102 Suite 55 Springfield', '*** **** *** *** ***** ** ***...', 'the example'],
  ['1 A St\nB', '* * ** *', 'lines become words'],
]);

shows('TENANT_ID.mask', [
  ['acme', '****', 'a short id'],
  ['acme corp', '********...', 'a space is starred, nine characters are cut'],
  ['3e84e552-0b1c-4d2a-9f00-abcdef012345', '********...', 'a UUID'],
]);

shows('OBJECT_ID.mask', [
  ['3e84e552-0b1c-4d2a-9f00-abcdef012345', '********-****-****-****-************', 'the shape of a UUID'],
]);

for (const binding of ['NAME.mask', 'CC_HOLDER_NAME.mask'] as const)
  shows(binding, [
    ['John Doe', 'J*** D**', 'the first letter of each word'],
    ['Anne-Marie', 'A*********', 'a dash parts no words'],
    ['J Doe', '* D**', 'a word of one letter would be told wholly'],
    ['李 小龙', '* 小*', 'one character may be a whole family name'],
    ['𠮷野', '𠮷*', 'a character outside the basic plane is whole'],
    ['John  Q.\tDoe', 'J***  Q* D**', 'two spaces stay two, a tab becomes one'],
    ['', '', 'nothing to hide'],
  ]);

shows('GENDER.mask', [
  ['F', '**********', 'a constant'],
  ['non-binary', '**********', 'whatever the length'],
]);

for (const binding of ['EMAIL.mask', 'EMAIL_STRICT.mask'] as const)
  shows(binding, [
    ['john@gmail.com', 'j***@gmail.com', 'the example'],
    ['shawnkemp@example.com', 's********@example.com', 'a star per character'],
    ['david@example.com', 'd****@example.com', 'the domain is kept'],
    ['JohnA@gmail.com', 'J****@gmail.com', 'the case is kept'],
    ['j@gmail.com', '*@gmail.com', 'a local part of one character would be told wholly'],
    ['jo@gmail.com', 'j*@gmail.com', 'two characters'],
  ]);
shows('EMAIL.mask', [
  ['"a@b"@example.com', '"****@example.com', 'an at sign in quotes shows nothing behind it'],
  ['ü🧥@example.com', 'ü*@example.com', 'letters beyond ASCII'],
]);
