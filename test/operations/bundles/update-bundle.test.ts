import { SAMPLE, addBundle, base64 } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { refusal, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
  await addBundle(vault);
});
afterAll(() => vault.close());

const update = (json: object, sent: Sent = {}): Promise<Answer> =>
  vault.send('PATCH', '/ctl/bundles/sample', { json, ...sent });

test('200: the description alone, then code that exports more', async () => {
  expect((await update({ description: 'New.' })).body).toMatchObject({
    description: 'New.',
    code: base64(SAMPLE),
  });
  const more = `${SAMPLE}\nexports.also = { type: 'transformer', handler: () => 1 };`;
  const { body } = await update({ code: base64(more) });
  expect(body.description).toBe('New.');
  expect(body.exports.transformers.map(({ name }: { name: string }) => name)).toEqual([
    'also',
    'compact',
    'greeting',
    'mask',
    'with_spaces',
  ]);
  expect((await update({})).body).toEqual(body);
  expect((await vault.send('GET', '/ctl/bundles/sample')).body).toEqual(body);
});

test('400: an export that is gone or of another type is PV9056 naming it', async () => {
  const without = `exports.echo = { type: 'transformer', handler: () => 1 };`;
  expect(refusal(await update({ code: base64(without) }))).toEqual([
    400,
    'PV9056',
    { export: 'also', reason: 'is no longer exported as it was' },
  ]);
});

test.each([
  ['x(', 'PV9052'],
  ['throw new Error("secret")', 'PV9052'],
  ['for (;;);', 'PV9053'],
])('400: code that cannot be loaded changes nothing: %s is %s', async (code, expected) => {
  const before = (await vault.send('GET', '/ctl/bundles/sample')).body;
  const answer = await update({ code: base64(code) });
  expect(refusal(answer)).toEqual([400, expected, { field: 'code', reason: 'does not load' }]);
  expect(answer.text).not.toContain('secret');
  expect((await vault.send('GET', '/ctl/bundles/sample')).body).toEqual(before);
});

test('405: without JavaScript, PV1003', async () => {
  const off = await startVault({ COATCHECK_FEATURES_DISABLE_JAVASCRIPT: 'true' }, vault.database);
  const json = { code: base64(SAMPLE) };
  expect(refused(await off.send('PATCH', '/ctl/bundles/sample', { json }))).toBe('405 PV1003');
  await off.close();
});

test('400: the name cannot change, PV1012', async () =>
  expect(refused(await update({ name: 'other' }))).toBe('400 PV1012'));

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapCodeReader'] }]);
  expect(refused(await update({ description: '' }, { key: reader! }))).toBe('403 PV1007');
});

test('404: an unknown bundle is PV9054', async () =>
  expect(refused(await vault.send('PATCH', '/ctl/bundles/none', { json: {} }))).toBe('404 PV9054'));

test('409: of changes made at once from the same code each is whole, or PV3218', async () => {
  const answers = await Promise.all(['a', 'b', 'c'].map((description) => update({ description })));
  for (const answer of answers) expect(['200 ', '409 PV3218']).toContain(refused(answer));
  expect(answers.some(({ status }) => status === 200)).toBe(true);
});
