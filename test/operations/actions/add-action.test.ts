import { addBundle } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { refusal, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let keys: Record<string, string>;
beforeAll(async () => {
  vault = await startVault();
  await addBundle(vault);
  keys = await setClients(vault, [
    { name: 'reader', capabilities: ['CapActionReader'] },
    { name: 'writer', capabilities: ['CapActionWriter'] },
  ]);
});
afterAll(() => vault.close());

const ECHO = { name: 'echo', function: 'sample.echo', role: 'reader' };
const add = (json: object, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', '/ctl/actions', { json, ...sent });

test('200: answers the action as stored', async () => {
  const { body } = await add({ ...ECHO, description: 'Echoes.', is_builtin: true });
  expect(body).toEqual({
    ...ECHO,
    description: 'Echoes.',
    is_builtin: false,
    creation_time: expect.any(String),
    modification_time: expect.any(String),
  });
  expect((await vault.send('GET', '/ctl/actions/echo')).body).toEqual(body);
});

test('200: the Admin may give an action the role of the Admin, by the name that clients know', async () => {
  const { body } = await add({ ...ECHO, name: 'mighty', role: 'VaultAdminRole' });
  expect(body.role).toBe('VaultAdminRole');
});

test('200: a repetition with the same Idempotency-Key adds nothing', async () => {
  const sent = { headers: { 'idempotency-key': 'one action' } };
  const json = { ...ECHO, name: 'once' };
  expect((await add(json, sent)).body).toEqual((await add(json, sent)).body);
  expect(refused(await add({ ...json, name: 'twice' }, sent))).toBe('422 PV9019');
});

test.each([
  [{ name: 'no-name' }, 'PV9004'],
  [{ role: 'none' }, 'PV9004'],
  [{ role: 'constructor' }, 'PV9004'],
  [{ role: undefined }, 'PV1012'],
])('400: %j is %s', async (json, code) =>
  expect(refused(await add({ ...ECHO, name: 'x', ...json }))).toBe(`400 ${code}`),
);

test('403: needs the capability, and the Admin’s role only the Admin can give, PV1007', async () => {
  expect(refused(await add({ ...ECHO, name: 'x' }, { key: keys.reader! }))).toBe('403 PV1007');
  const mighty = { ...ECHO, name: 'x', role: 'VaultAdminRole' };
  expect(refused(await add(mighty, { key: keys.writer! }))).toBe('403 PV1007');
  expect((await add({ ...ECHO, name: 'x' }, { key: keys.writer! })).status).toBe(200);
});

test.each(['sample.none', 'none.echo', 'sample.mask', 'echo', 'builtin.http_call'])(
  '404: no bundle exports the action %s, PV9058',
  async (name) =>
    expect(refusal(await add({ ...ECHO, name: 'y', function: name }))).toEqual([
      404,
      'PV9058',
      { field: 'function' },
    ]),
);

test.each(['echo', 'ECHO', 'http_call', 'HTTP_call'])('409: the name %s is taken, PV9003', async (name) =>
  expect(refused(await add({ ...ECHO, name }))).toBe('409 PV9003'),
);
