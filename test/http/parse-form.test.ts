import { VaultError } from '../../src/errors.js';
import { parseForm } from '../../src/http/parse-form.js';

const parse = (text: string | Buffer): unknown => parseForm(Buffer.from(text));

test('parameters by name; one without a value is as good as absent', () => {
  expect(parse('a=1&b=%C3%A4+%26&c=&d&e=x%3Dy')).toEqual({ a: '1', b: 'ä &', e: 'x=y' });
  expect(parse('')).toEqual({});
  expect(Object.keys(parse('constructor=1&toString=2') as object)).toEqual(['constructor', 'toString']);
});

test.each([
  ['said twice', 'a=1&a=2'],
  ['said twice, once without a value', 'a=1&a='],
  ['an escape that is none', 'canary=%zz'],
  ['an escape that is half', 'canary=%4'],
  ['no UTF-8 behind the escapes', 'canary=%ff%fe'],
  ['no UTF-8 at all', Buffer.from([0x63, 0x3d, 0xff])],
  ['U+0000', 'canary=%00'],
  ['a name that changes objects', '__proto__=canary'],
  ['too many', Array.from({ length: 101 }, (_, i) => `p${i}=canary`).join('&')],
])('refused without quoting anything: %s', (_, text) => {
  const refusal = (): unknown => {
    try {
      return parse(text);
    } catch (error) {
      return error;
    }
  };
  const error = refusal() as VaultError;
  expect([error.code, error.context.field]).toEqual(['PV1012', 'body']);
  expect(JSON.stringify(error.context)).not.toContain('canary');
});
