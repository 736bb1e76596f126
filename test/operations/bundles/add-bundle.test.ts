import { SAMPLE, base64 } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { refusal, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

const add = (json: object, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', '/ctl/bundles', { json, ...sent });
const withCode = (name: string, code: string): Promise<Answer> => add({ name, code: base64(code) });

describe('200', () => {
  test('answers the bundle with its code and what it exports, each list sorted by name', async () => {
    const answer = await add({ name: 'sample', description: 'A sample.', code: base64(SAMPLE) });
    expect(answer.body).toEqual({
      name: 'sample',
      description: 'A sample.',
      code: base64(SAMPLE),
      creation_time: expect.any(String),
      exports: {
        validators: [{ name: 'is_code', type: 'validator' }],
        normalizers: [{ name: 'to_code', type: 'normalizer' }],
        transformers: [
          { name: 'compact', type: 'transformer' },
          { name: 'greeting', type: 'transformer', dependencies: { properties: ['name', 'nick*'] } },
          { name: 'mask', type: 'transformer', description: 'Stars.' },
          { name: 'with_spaces', type: 'transformer' },
        ],
        actions: [{ name: 'echo', type: 'action' }],
      },
    });
  });

  test('what clients send along of an answer is ignored', async () => {
    const { body } = await vault.send('GET', '/ctl/bundles/sample');
    expect((await add({ ...body, name: 'again' })).body.exports).toEqual(body.exports);
  });

  test('a repetition with the same Idempotency-Key adds nothing', async () => {
    const sent = { headers: { 'idempotency-key': 'one bundle' } };
    const json = { name: 'once', code: base64(SAMPLE) };
    const first = await add(json, sent);
    expect([first.status, (await add(json, sent)).body]).toEqual([200, first.body]);
    expect(refused(await add({ ...json, name: 'twice' }, sent))).toBe('422 PV9019');
  });
});

test.each([
  ['name', 'no-name', SAMPLE, 'PV9004'],
  ['name', 'builtin', SAMPLE, 'PV9004'],
  ['code', 'a', '', 'PV9056'],
  ['nothing exported', 'a', 'const a = 1;', 'PV9056'],
  ['not CommonJS', 'a', 'export const a = 1;', 'PV9052'],
  ['no JavaScript', 'a', 'this is not', 'PV9052'],
  ['throws', 'a', 'throw new Error("secret")', 'PV9052'],
  ['loops', 'a', 'for (;;);', 'PV9053'],
  ['no handler', 'a', 'exports.a = { type: "validator" }', 'PV9056'],
  ['unknown type', 'a', 'exports.a = { type: "masker", handler() {} }', 'PV9056'],
  ['no name', 'a', 'exports["a.b"] = { type: "action", handler() {} }', 'PV9056'],
  [
    'no glob',
    'a',
    'exports.a = { type: "action", handler() {}, dependencies: { properties: ["a/b"] } }',
    'PV9056',
  ],
  [
    'no globs',
    'a',
    'exports.a = { type: "action", handler() {}, dependencies: { properties: "a" } }',
    'PV9056',
  ],
  ['description', 'a', 'exports.a = { type: "action", handler() {}, description: 1 }', 'PV9056'],
  ['exports a function', 'a', 'exports.a = () => 1', 'PV9056'],
  ['U+0000', 'a', 'exports.a = "\0"', 'PV9056'],
])('400: %s', async (_, name, code, expected) => {
  const answer = await withCode(name, code);
  expect(refused(answer)).toBe(`400 ${expected}`);
  expect(answer.text).not.toContain('secret');
});

test('400: code that is missing, no base64 or no UTF-8 is PV9056', async () => {
  for (const code of [undefined, '*', 'YQ', Buffer.from([0xff, 0xfe]).toString('base64')]) {
    expect(refused(await add({ name: 'a', code }))).toBe('400 PV9056');
  }
  expect(refused(await add({ name: 'a', code: base64(SAMPLE), description: 'a\0' }))).toMatch(/^400/);
});

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapCodeReader'] }]);
  expect(refused(await add({ name: 'x', code: base64(SAMPLE) }, { key: reader! }))).toBe('403 PV1007');
});

test('405: without JavaScript, PV1003, for whatever runs it', async () => {
  const off = await startVault({ COATCHECK_FEATURES_DISABLE_JAVASCRIPT: 'true' });
  const json = { name: 'sample', code: base64(SAMPLE) };
  expect(refused(await off.send('POST', '/ctl/bundles', { json }))).toBe('405 PV1003');
  expect((await off.send('GET', '/ctl/bundles')).body).toEqual([]);
  await off.close();
});

test('409: a name that is taken, in whatever case, is PV9003', async () => {
  for (const name of ['sample', 'SAMPLE']) {
    expect(refusal(await withCode(name, SAMPLE))).toEqual([409, 'PV9003', { field: 'name' }]);
  }
  const answers = await Promise.all(['race', 'RACE', 'race'].map((name) => withCode(name, SAMPLE)));
  expect(answers.map(refused).sort()).toEqual(['200 ', '409 PV9003', '409 PV9003']);
});

test('413: code past the limit of the body', async () => {
  expect(refused(await withCode('large', `// ${'x'.repeat(300_000)}`))).toBe('413 PV9014');
});
