import { CODE_TYPE, addBundle } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { refusal, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
  await addBundle(vault);
});
afterAll(() => vault.close());

const add = (json: object, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', '/ctl/types', { json, ...sent });

describe('200', () => {
  test('answers the type as stored, and so do the others that show it', async () => {
    const expected = {
      ...CODE_TYPE,
      description: 'A code.',
      is_builtin: false,
      default_transformer: 'sample.mask',
      creation_time: expect.any(String),
    };
    const { body } = await add({
      ...CODE_TYPE,
      description: 'A code.',
      default_transformer: 'sample.mask',
      is_builtin: true,
    });
    expect(body).toEqual(expected);
    expect((await vault.send('GET', '/ctl/types/CODE')).body).toEqual(body);
    expect((await vault.send('GET', '/ctl/types')).body).toEqual([body]);
    expect((await vault.send('GET', '/ctl/types?bundle=sample')).body).toEqual([body]);
    expect((await vault.send('GET', '/ctl/types?bundle=other')).body).toEqual([]);
  });

  test('references may be objects, and nothing but name and base is needed', async () => {
    const reference = { bundle: 'sample', function: 'mask' };
    const { body } = await add({
      name: 'objects',
      base_type_name: 'SSN',
      validator: { bundle: 'sample', function: 'is_code' },
      transformers: [reference],
      default_transformer: reference,
    });
    expect(body).toMatchObject({ validator: 'sample.is_code', transformers: ['sample.mask'] });
    expect((await add({ name: 'bare', base_type_name: 'JSON' })).body.transformers).toEqual([]);
  });

  test('a repetition with the same Idempotency-Key adds nothing', async () => {
    const sent = { headers: { 'idempotency-key': 'one type' } };
    const json = { name: 'once', base_type_name: 'STRING' };
    expect((await add(json, sent)).body).toEqual((await add(json, sent)).body);
    expect(refused(await add({ ...json, name: 'twice' }, sent))).toBe('422 PV9019');
  });
});

test.each([
  [{ name: 'x' }, 'PV1012'],
  [{ name: 'no-name', base_type_name: 'STRING' }, 'PV9004'],
  [{ name: 'x', base_type_name: 'STRING', description: 1 }, 'PV1012'],
  [{ name: 'x', base_type_name: 'STRING', transformers: ['sample.mask', 'sample.mask'] }, 'PV9004'],
  [{ name: 'x', base_type_name: 'STRING', default_transformer: 'sample.mask' }, 'PV9004'],
  [
    {
      name: 'x',
      base_type_name: 'STRING',
      transformers: ['sample.compact'],
      default_transformer: 'sample.mask',
    },
    'PV9004',
  ],
])('400: %j is %s', async (json, code) => expect(refused(await add(json))).toBe(`400 ${code}`));

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapTypesReader'] }]);
  const sent = { key: reader! };
  expect(refused(await add({ name: 'x', base_type_name: 'STRING' }, sent))).toBe('403 PV1007');
});

test.each([
  [{ base_type_name: 'string' }, 'PV9013', 'base_type_name'],
  [{ base_type_name: 'bare' }, 'PV9013', 'base_type_name'],
  [{ validator: 'sample.none' }, 'PV9058', 'validator'],
  [{ validator: 'none.is_code' }, 'PV9058', 'validator'],
  [{ validator: 'sample.mask' }, 'PV9058', 'validator'],
  [{ validator: 'is_code' }, 'PV9058', 'validator'],
  [{ normalizer: 'sample.is_code' }, 'PV9058', 'normalizer'],
  [{ transformers: ['sample.mask', 'sample.echo'] }, 'PV9058', 'transformers[1]'],
  [{ transformers: ['mask'] }, 'PV9058', 'transformers[0]'],
  [{ default_transformer: 'sample.constructor' }, 'PV9058', 'default_transformer'],
])('404: %j refers to what is not there, %s', async (json, code, field) =>
  expect(refusal(await add({ name: 'x', base_type_name: 'STRING', ...json }))).toEqual([
    404,
    code,
    { field },
  ]),
);

test.each(['bare', 'BARE', 'SSN', 'ssn'])('409: the name %s is taken, PV9003', async (name) =>
  expect(refused(await add({ name, base_type_name: 'STRING' }))).toBe('409 PV9003'),
);

test('400: a transformer cannot take the name of what looks tokens up', async () => {
  const code = `exports.token = { type: 'transformer', handler: () => 1 };`;
  await addBundle(vault, 'reserved', code);
  const json = { name: 'x', base_type_name: 'STRING', transformers: ['reserved.token'] };
  expect(refused(await add(json))).toBe('400 PV9004');
});
