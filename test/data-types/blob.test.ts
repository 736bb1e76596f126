import { accepts, LIMITS, normalise, refuses } from './tables.js';

accepts('BLOB', [
  ['', '', 'no bytes'],
  ['AAECAw==', 'AAECAw==', 'two padding signs'],
  ['AAECAwQ=', 'AAECAwQ=', 'one padding sign'],
  ['AAECAwQF', 'AAECAwQF', 'no padding sign'],
  ['+/+/', '+/+/', 'the two signs of the standard alphabet'],
  ['AAEC\nAwQF\n', 'AAECAwQF', "line breaks of Ruby's and Python's encoders"],
  ['AAEC\r\nAwQF', 'AAECAwQF', 'line breaks of MIME'],
  ['AB==', 'AA==', 'bits no byte uses are cleared'],
  ['AAAAAAF=', 'AAAAAAE=', 'in the last group only'],
]);

refuses('BLOB', [
  ['AAECAw', 'padding is missing'],
  ['AAECAw=', 'half the padding is missing'],
  ['A===', 'one digit holds no byte'],
  ['====', 'padding only'],
  ['AA==AA==', 'padding in the middle'],
  ['-_-_', 'the URL alphabet'],
  ['AA A', 'a space'],
  ['data:;base64,AAAA', 'a data URL'],
  [{}, 'an object'],
]);

test('the limit counts decoded bytes', () => {
  const limits = { ...LIMITS, maxBlobLength: 4 };
  expect(normalise('BLOB', Buffer.alloc(4).toString('base64'), limits).ok).toBe(true);
  expect(normalise('BLOB', Buffer.alloc(5).toString('base64'), limits).ok).toBe(false);
});

test('five megabytes pass in one go', () => {
  const text = Buffer.alloc(5 * 1024 * 1024, 7).toString('base64');
  expect(normalise('BLOB', text)).toEqual({ ok: true, value: text });
});
