import type { VaultClient } from '@piiano/vault-client';
import { NOWHERE } from '../support/steps.js';
import { type TestVault, startVault } from '../support/vault.js';
import { clientOf, errorOf } from './client.js';

const collection = 'customers';
const reason = 'AppFunctionality';
const CUSTOMER = {
  ssn: '078-05-1120',
  email: 'john@somemail.com',
  phone_number: '+972-54-1234567',
  zip_code_us: '12345',
};
let vault: TestVault;
let client: VaultClient;
beforeAll(async () => {
  vault = await startVault();
  client = clientOf(vault);
  await client.collections.addCollection({
    requestBody: {
      name: collection,
      type: 'PERSONS',
      properties: [
        { name: 'ssn', data_type_name: 'SSN', is_unique: true, is_index: true },
        { name: 'email', data_type_name: 'EMAIL' },
        { name: 'phone_number', data_type_name: 'PHONE_NUMBER', is_nullable: true },
        { name: 'zip_code_us', data_type_name: 'ZIP_CODE_US', is_nullable: true },
      ],
    },
  });
});
afterAll(() => vault.close());

test('the getting-started: add, get, mask, search without an index, update, delete', async () => {
  const { id } = await client.objects.addObject({ collection, reason, requestBody: CUSTOMER });

  expect(await client.objects.getObjectById({ collection, id, reason, options: ['unsafe'] })).toEqual({
    id,
    ...CUSTOMER,
    phone_number: '+972541234567',
  });
  expect(
    await client.objects.getObjectById({
      collection,
      id,
      reason,
      props: ['ssn.mask', 'email.mask', 'phone_number.mask'],
    }),
  ).toEqual({
    'ssn.mask': '***-**-1120',
    'email.mask': 'j***@somemail.com',
    'phone_number.mask': '*********4567',
  });
  const found = await client.objects.searchObjects({
    collection,
    reason,
    props: ['ssn'],
    requestBody: { match: { email: CUSTOMER.email } },
  });
  expect(found).toEqual({
    results: [{ ssn: CUSTOMER.ssn }],
    paging: { size: 1, remaining_count: 0, cursor: '' },
  });

  expect(
    await client.objects.updateObjectById({
      collection,
      id,
      reason,
      requestBody: { email: 'new@somemail.com' },
    }),
  ).toBeUndefined();
  expect(await client.objects.listObjects({ collection, reason, ids: [id], props: ['email'] })).toMatchObject(
    {
      results: [{ email: 'new@somemail.com' }],
    },
  );

  expect(await client.objects.deleteObjectById({ collection, id, reason })).toBeUndefined();
  expect(
    (await errorOf(client.objects.getObjectById({ collection, id, reason, props: ['ssn'] }))).status,
  ).toBe(404);
  expect(
    (await errorOf(client.objects.listObjects({ collection, ids: [id], reason, props: ['ssn'] }))).status,
  ).toBe(404);
  expect(await client.objects.getObjectsCount({ collection, reason })).toEqual({
    active: 0,
    archived: 0,
    total: 0,
  });
});

test('a missing object fails with exactly the body and the message that callers compare', async () => {
  const error = await errorOf(
    client.objects.getObjectById({ collection, id: NOWHERE, reason, props: ['ssn'] }),
  );
  expect(error.status).toBe(404);
  expect(error.body).toEqual({
    error_code: 'PV3005',
    error_url: 'https://docs.piiano.com/api/error-codes#PV3005',
    message: `One or more Objects is not found: ${NOWHERE}. For more details, view the logs.`,
    context: { ids: NOWHERE },
  });
  expect(error.message).toMatch(/\nPV3005: One or more Objects is not found: .*\nContext: \{\n/s);
});

test('pages, tenants, expirations and the other arguments arrive', async () => {
  const ssns = ['123-45-6781', '123-45-6782', '123-45-6783'];
  for (const ssn of ssns) {
    await client.objects.addObject({
      collection,
      reason: 'Other',
      adhocReason: 'a test',
      customAudit: 'ticket 1',
      reloadCache: true,
      expirationSecs: '',
      xTenantId: ['acme'],
      requestBody: { ...CUSTOMER, ssn },
    });
  }
  await client.objects.addObject({ collection, reason, requestBody: { ...CUSTOMER, ssn: '123-45-6784' } });

  const page = { collection, reason, props: ['ssn'], xTenantId: ['acme', 'other'], pageSize: 2 } as const;
  const list = (cursor: string) =>
    client.objects.listObjects({ ...page, props: [...page.props], xTenantId: [...page.xTenantId], cursor });
  const first = await list('');
  const second = await list(first.paging.cursor);
  expect([...first.results, ...second.results]).toEqual(ssns.map((ssn) => ({ ssn })));
  expect(first.paging.remaining_count).toBe(1);
  expect(second.paging.cursor).toBe('');
});

test('errors of every kind have status, code and context', async () => {
  const add = (requestBody: Record<string, unknown>): Promise<unknown> =>
    client.objects.addObject({ collection, reason, requestBody });
  await add({ ...CUSTOMER, ssn: '987-65-4321' });
  const cases = [
    [() => add({ ...CUSTOMER, ssn: '987-65-4321' }), 409, 'PV9001'],
    [() => add({ ...CUSTOMER, ssn: 'x' }), 400, 'PV3002'],
    [() => add({ ssn: '856-45-6789' }), 400, 'PV9002'],
    [() => add({ ...CUSTOMER, nick: 'x' }), 404, 'PV3004'],
    [() => clientOf(vault, 'wrong').objects.getObjectsCount({ collection, reason }), 401, 'PV1005'],
  ] as const;
  for (const [call, status, code] of cases) {
    const error = await errorOf(call());
    expect([error.status, (error.body as { error_code: string }).error_code]).toEqual([status, code]);
  }
});
