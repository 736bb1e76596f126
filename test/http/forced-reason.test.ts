import { type TestServer, answering, errorOf, startServer } from './support.js';

let t: TestServer;

beforeAll(async () => {
  t = await startServer({
    forceAccessReason: true,
    operations: { ...answering('listObjects', {}), ...answering('listCollections', []) },
  });
});
afterAll(() => t.close());

const OBJECTS = '/data/collections/users/objects';

test.each([OBJECTS, `${OBJECTS}?reason=`])(
  'where reasons are forced a missing one is 400 PV1001: %s',
  async (path) => {
    expect(await errorOf(await t.request(path))).toEqual({ status: 400, error_code: 'PV1001', context: {} });
  },
);

test('one that is given is enough', async () => {
  expect((await t.request(`${OBJECTS}?reason=Analytics`)).status).toBe(200);
});

test('operations that take no reason need none', async () => {
  expect((await t.request('/ctl/collections')).status).toBe(200);
});

test('a refusal for want of a reason is recorded without one', async () => {
  const response = await t.request(OBJECTS);
  const entry = (await t.entries()).find((each) => each.request_id === response.headers.get('x-request-id'));
  expect(entry).toMatchObject({ outcome: 'failed', error_code: 'PV1001' });
  expect(entry).not.toHaveProperty('reason');
});
