import { CODE_TYPE, addBundle, addType } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { addCollection, addObject, fieldsOf, refusal, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
  await addBundle(vault);
  await addType(vault, CODE_TYPE);
  await addType(vault, { name: 'LOOSE', base_type_name: 'STRING', validator: 'sample.is_code' });
});
afterAll(() => vault.close());

const update = (name: string, json: object, sent: Sent = {}): Promise<Answer> =>
  vault.send('PATCH', `/ctl/types/${name}`, { json, ...sent });

describe('200', () => {
  test('of a custom type: description, transformers and default transformer; what is absent stays', async () => {
    const changes = {
      description: 'New.',
      transformers: ['sample.mask', 'sample.with_spaces'],
      default_transformer: 'sample.mask',
    };
    const { body } = await update('CODE', { ...changes, name: 'CODE', base_type_name: 'STRING' });
    expect(body).toMatchObject({ ...changes, validator: 'sample.is_code', normalizer: 'sample.to_code' });
    expect((await update('CODE', {})).body).toEqual(body);
    const { body: without } = await update('CODE', { default_transformer: '' });
    expect(without).not.toHaveProperty('default_transformer');
  });

  test('the validator, where there is no normalizer', async () => {
    expect((await update('LOOSE', { validator: '' })).body).not.toHaveProperty('validator');
    expect((await update('LOOSE', { validator: 'sample.is_code' })).body.validator).toBe('sample.is_code');
  });

  test('of a built-in type: custom transformers, which apply at once and can be taken away', async () => {
    await addCollection(vault);
    const id = await addObject(vault, { ssn: '123-12-1234' });
    const { body } = await update('SSN', { transformers: ['mask', 'sample.compact'] });
    expect(body.transformers).toEqual(['mask', 'sample.compact']);
    expect(await fieldsOf(vault, id, '?props=ssn,ssn.mask,ssn.compact')).toEqual({
      ssn: '123-12-1234',
      'ssn.mask': '***-**-1234',
      'ssn.compact': '123121234',
    });
    expect((await update('SSN', { transformers: [] })).body.transformers).toEqual(['mask']);
    const gone = await vault.send('GET', `/data/collections/users/objects/${id}?props=ssn.compact`);
    expect(refused(gone)).toBe('404 PV3004');
  });
});

test.each([
  ['CODE', { name: 'OTHER' }, 'name'],
  ['CODE', { base_type_name: 'SSN' }, 'base_type_name'],
  ['CODE', { normalizer: '' }, 'normalizer'],
  ['CODE', { validator: '' }, 'validator'],
  ['CODE', { default_transformer: 'sample.compact' }, 'default_transformer'],
  ['SSN', { validator: 'sample.is_code' }, 'validator'],
  ['SSN', { normalizer: 'sample.to_code' }, 'normalizer'],
  ['SSN', { default_transformer: 'sample.mask' }, 'default_transformer'],
  ['SSN', { transformers: ['sample.mask'] }, 'transformers'],
])('400: %s cannot be given %j, PV9004', async (name, json, field) =>
  expect(refusal(await update(name, json))).toEqual([400, 'PV9004', { field, reason: expect.any(String) }]),
);

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapTypesReader'] }]);
  expect(refused(await update('CODE', {}, { key: reader! }))).toBe('403 PV1007');
});

test('404: an unknown type is PV9013, an unknown function PV9058', async () => {
  expect(refused(await update('NONE', {}))).toBe('404 PV9013');
  expect(refused(await update('CODE', { transformers: ['sample.none'] }))).toBe('404 PV9058');
});

test('409: of changes made at once each is whole, or PV3218', async () => {
  const answers = await Promise.all(
    [1, 2, 3].map(() => update('EMAIL', { transformers: ['sample.compact'] })),
  );
  for (const answer of answers) expect(['200 ', '409 PV3218']).toContain(refused(answer));
  expect((await vault.send('GET', '/ctl/types/EMAIL')).body.transformers).toContain('sample.compact');
});
