import { setClients } from '../../support/iam.js';
import { addCollection, addObject, fieldsOf, refusal, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';
import { bulkOf, outcomes } from './bulk.js';

const TIMES = {
  _creation_time: '2020-01-02T03:04:05.678Z',
  _modification_time: '2021-01-02T03:04:05Z',
  _expiration_time: '2099-12-31T23:59:59.999Z',
};
const SHOWN = '?props=_creation_time,_modification_time,_expiration_time';
let vault: TestVault;
const add = (json: unknown, query = '?import=true', sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', `/data/collections/users/objects${query}`, { json, ...sent });
const update = (id: string, json: unknown, query = '?import=true'): Promise<Answer> =>
  vault.send('PATCH', `/data/collections/users/objects/${id}${query}`, { json });

beforeAll(async () => {
  vault = await startVault({ COATCHECK_EXPIRATION_UNASSOCIATED_OBJECTS: '1h' });
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('import=true', () => {
  test('sets the three times, in any layout that a timestamp may have', async () => {
    const { body } = await add({ name: 'Ann', ...TIMES });
    expect(await fieldsOf(vault, body.id, SHOWN)).toEqual({
      ...TIMES,
      _modification_time: '2021-01-02T03:04:05.000Z',
    });
    const other = await add({ ...TIMES, _creation_time: 'Thu, 02 Jan 2020 03:04:05 +0100' });
    expect(await fieldsOf(vault, other.body.id, '?props=_creation_time')).toEqual({
      _creation_time: '2020-01-02T02:04:05.000Z',
    });
  });

  test('what a body does not state is as without it: now, and the setting’s expiry', async () => {
    const before = Date.now();
    const { body } = await add({ name: 'Ann' });
    const times = (await fieldsOf(vault, body.id, SHOWN)) as Record<string, string>;
    expect(Date.parse(times._creation_time!)).toBeGreaterThanOrEqual(before);
    expect(times._modification_time).toBe(times._creation_time);
    expect(Date.parse(times._expiration_time!) - Date.parse(times._creation_time!)).toBe(3_600_000);
  });

  test('an expiry of the body wins over expiration_secs, and null means never', async () => {
    const stated = await add(TIMES, '?import=true&expiration_secs=60');
    expect(await fieldsOf(vault, stated.body.id, '?props=_expiration_time')).toEqual({
      _expiration_time: TIMES._expiration_time,
    });
    const never = await add({ _expiration_time: null, _creation_time: null });
    expect(await fieldsOf(vault, never.body.id, '?props=_expiration_time')).toEqual({});
  });

  test('an object that had expired is archived from the start and holds no unique value', async () => {
    const expired = { ...TIMES, _expiration_time: '2022-01-01T00:00:00Z', ssn: '500-11-0001' };
    const { body } = await add(expired);
    expect(await fieldsOf(vault, body.id, '?props=ssn&options=archived')).toEqual({ ssn: '500-11-0001' });
    expect((await add({ ssn: '500-11-0001' })).status).toBe(200);
    expect(outcomes(await bulkOf(() => vault)('POST', [expired, expired], '?import=true'))).toHaveLength(2);
    expect(refused(await update(body.id, {}, '?options=archived&expiration_secs='))).toBe('409 PV9001');
  });

  test('a change sets them too, and one that does not state the creation leaves it', async () => {
    const id = await addObject(vault, { name: 'Ann' });
    expect((await update(id, TIMES)).status).toBe(200);
    expect(await fieldsOf(vault, id, SHOWN)).toMatchObject({ _creation_time: TIMES._creation_time });
    expect((await update(id, { name: 'Bob', _modification_time: '2022-02-02T02:02:02Z' })).status).toBe(200);
    expect(await fieldsOf(vault, id, `${SHOWN},name`)).toEqual({
      ...TIMES,
      _modification_time: '2022-02-02T02:02:02.000Z',
      name: 'Bob',
    });
    expect((await update(id, { _expiration_time: '2020-01-01T00:00:00Z' })).status).toBe(200);
    expect(refused(await update(id, {}))).toBe('404 PV3005');
  });

  test('in bulk each item has its own', async () => {
    const bulk = bulkOf(() => vault);
    const items = [TIMES, { ...TIMES, _creation_time: '2019-01-01T00:00:00Z' }, {}];
    const ids = outcomes(await bulk('POST', items, '?import=true'));
    expect(await fieldsOf(vault, ids[1]!, '?props=_creation_time')).toEqual({
      _creation_time: '2019-01-01T00:00:00.000Z',
    });
    const changes = [
      { id: ids[0], _creation_time: '2018-01-01T00:00:00Z' },
      { id: ids[2], _expiration_time: null },
    ];
    expect((await bulk('PATCH', changes, '?import=true')).body.ok).toBe(true);
    expect(await fieldsOf(vault, ids[0]!, SHOWN)).toMatchObject({
      _creation_time: '2018-01-01T00:00:00.000Z',
      _expiration_time: TIMES._expiration_time,
    });
    expect(await fieldsOf(vault, ids[2]!, '?props=_expiration_time')).toEqual({});
  });

  test.each([
    [{ _creation_time: 'yesterday' }, '_creation_time'],
    [{ _modification_time: 5 }, '_modification_time'],
    [{ _expiration_time: '1960-01-01T00:00:00Z' }, '_expiration_time'],
    [{ _expiration_time: '1970-01-01T00:00:00Z' }, '_expiration_time'],
  ])('400: %j is PV3002', async (fields, property) => {
    expect(refusal(await add(fields))).toEqual([
      400,
      'PV3002',
      { property, reason: expect.stringContaining('must') },
    ]);
  });

  test('403: the times must be allowed to be written like any property', async () => {
    const { narrow } = await setClients(vault, [
      {
        name: 'narrow',
        capabilities: ['CapDataWriter'],
        allow: [
          { operations: ['write'], resources: ['users/properties/name', 'users/properties/_creation_time'] },
        ],
      },
    ]);
    const key = narrow!;
    const _creation_time = TIMES._creation_time;
    expect((await add({ name: 'x', _creation_time }, '?import=true', { key })).status).toBe(200);
    expect(refused(await add({ name: 'x', ...TIMES }, '?import=true', { key }))).toBe('403 PV1006');
    expect(refused(await bulkOf(() => vault)('POST', [TIMES], '?import=true', { key }))).toBe('403 PV1006');
  });
});

test.each(['', '?import=false', '?import='])(
  'with %j the times are set by the vault: 400 PV9006',
  async (query) => {
    for (const [property, value] of Object.entries(TIMES)) {
      expect(refusal(await add({ [property]: value }, query))).toEqual([
        400,
        'PV9006',
        { property, reason: 'set by the vault' },
      ]);
    }
  },
);
