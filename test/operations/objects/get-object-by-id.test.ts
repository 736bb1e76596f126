import { type Client, setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

const ANN = {
  name: 'Ann Lee',
  ssn: '123-12-1234',
  email: 'john@gmail.com',
  phone_number: '+972-54-1234567',
  zip_code_us: '12345',
  birthday: '2001-02-03',
};
let vault: TestVault;
let id: string;
const get = (query: string, sent: Sent = {}, which = id): Promise<Answer> =>
  vault.send('GET', `/data/collections/users/objects/${which}${query}`, sent);

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  id = await addObject(vault, ANN);
});
afterAll(() => vault.close());

describe('200', () => {
  test('props answers exactly what was asked, in both spellings of a list and mixed', async () => {
    const expected = { ssn: '123-12-1234', 'ssn.mask': '***-**-1234', email: 'john@gmail.com' };
    for (const query of [
      '?props=ssn,ssn.mask,email',
      '?props=ssn&props=ssn.mask&props=email',
      '?props=ssn,ssn.mask&props=email&props=email',
    ]) {
      expect((await get(query)).body).toEqual(expected);
    }
  });

  test.each([
    ['ssn.mask', '***-**-1234'],
    ['email.mask', 'j***@gmail.com'],
    ['phone_number.mask', '*********4567'],
    ['zip_code_us.mask', '123**'],
    ['name.mask', 'A** L**'],
    ['birthday.mask', '2001-**-**'],
    ['phone_number', '+972541234567'],
    ['id', expect.any(String)],
    ['_creation_time', expect.stringMatching(/Z$/)],
  ])('%s is %p', async (prop, value) => {
    expect((await get(`?props=${prop}`)).body).toEqual({ [prop]: value });
  });

  test('ages are numbers of years', async () => {
    const { body } = await get('?props=birthday.age,birthday.age_frac');
    expect(body['birthday.age']).toBeGreaterThanOrEqual(25);
    expect(Math.floor(body['birthday.age_frac'])).toBe(body['birthday.age']);
  });

  test('a pci token that does not exist is left out', async () => {
    expect((await get('?props=ssn.token,name')).body).toEqual({ name: 'Ann Lee' });
  });

  test('unsafe answers the id and all that has a value; show_builtins adds the built-in ones', async () => {
    const stored = { ...ANN, phone_number: '+972541234567', id };
    expect((await get('?options=unsafe')).body).toEqual(stored);
    expect((await get('?options=unsafe,show_builtins')).body).toEqual({
      ...stored,
      _creation_time: expect.any(String),
      _modification_time: expect.any(String),
    });
  });

  test('properties without a value are left out, and an object may come back empty', async () => {
    const bare = await addObject(vault, { name: 'x' });
    expect((await get('?props=ssn', {}, bare)).body).toEqual({});
    expect((await get('?options=unsafe', {}, bare)).body).toEqual({ id: bare, name: 'x' });
  });

  test('the id may be in any case, and a slash may follow', async () => {
    expect((await get('/?props=name', {}, id.toUpperCase())).body).toEqual({ name: 'Ann Lee' });
  });

  test('a content type without a body does not matter', async () => {
    expect((await get('?props=name', { headers: { 'content-type': 'application/json' } })).status).toBe(200);
  });

  test('archived finds an archived object, and only such', async () => {
    const gone = await addObject(vault, { name: 'old' });
    await vault.send('PATCH', `/data/collections/users/objects/${gone}?expiration_secs=0`, { json: {} });
    expect(refused(await get('?props=name', {}, gone))).toBe('404 PV3005');
    expect((await get('?props=name,_expiration_time&options=archived', {}, gone)).body).toEqual({
      name: 'old',
      _expiration_time: expect.any(String),
    });
    expect(refused(await get('?props=name&options=archived'))).toBe('404 PV3005');
  });
});

describe('400', () => {
  test.each([
    ['', 'PV9006'],
    ['?props=', 'PV9006'],
    ['?options=archived', 'PV9006'],
    ['?options=unsafe&props=ssn', 'PV9006'],
    ['?options=show_builtins&props=ssn', 'PV9006'],
    ['?options=hard_delete&props=ssn', 'PV1012'],
    ['?prop=ssn', 'PV1012'],
  ])('%j is %s', async (query, code) => expect(refused(await get(query))).toBe(`400 ${code}`));
});

describe('policies', () => {
  const read = (...resources: string[]): Pick<Client, 'capabilities' | 'allow'> => ({
    capabilities: ['CapObjectsReader'],
    allow: [{ operations: ['read'], resources }],
  });
  let keys: Record<string, string>;
  const as = (name: string, query: string): Promise<Answer> => get(query, { key: keys[name]! });

  beforeAll(async () => {
    keys = await setClients(vault, [
      { name: 'plain', ...read('users/properties/ssn', 'users/properties/email') },
      { name: 'transformed', ...read('users/properties/ssn.mask') },
      { name: 'by_type', ...read('*/types/EMAIL.mask', '*/types/NAME') },
      {
        name: 'marketing',
        capabilities: ['CapDataReader'],
        allow: [{ operations: ['*'], resources: ['*'], reasons: ['Marketing'] }],
      },
      {
        name: 'most',
        ...read('users/properties/*'),
        deny: [{ operations: ['read'], resources: ['users/properties/ssn'] }],
      },
      { name: 'masked', ...read('users/properties/*'), masks: { 'users/ssn': 'mask' } },
      { name: 'writer', capabilities: ['CapDataWriter'], allow: [{ operations: ['*'], resources: ['*'] }] },
    ]);
  });

  test.each([
    ['plain', '?props=ssn', '200 '],
    ['plain', '?props=ssn,email', '200 '],
    ['plain', '?props=ssn.mask', '403 PV1006'],
    ['plain', '?props=ssn,name', '403 PV1006'],
    ['transformed', '?props=ssn.mask', '200 '],
    ['transformed', '?props=ssn', '403 PV1006'],
    ['by_type', '?props=email.mask,name', '200 '],
    ['by_type', '?props=email', '403 PV1006'],
    ['marketing', '?props=name&reason=Marketing', '200 '],
    ['marketing', '?props=name', '403 PV1006'],
    ['marketing', '?props=name&reason=Analytics', '403 PV1006'],
    ['most', '?props=name,email.mask', '200 '],
    ['most', '?props=ssn.mask', '200 '],
    ['most', '?props=ssn', '403 PV1006'],
    ['most', '?options=unsafe', '403 PV1006'],
    ['writer', '?props=name', '403 PV1007'],
  ])('%s asking for %s gets %s', async (name, query, expected) =>
    expect(refused(await as(name, query))).toBe(expected),
  );

  test('a masked role gets the mask under the plain name, by name and by unsafe', async () => {
    expect((await as('masked', '?props=ssn,name')).body).toEqual({ ssn: '***-**-1234', name: 'Ann Lee' });
    expect((await as('masked', '?options=unsafe')).body).toMatchObject({
      ssn: '***-**-1234',
      name: 'Ann Lee',
    });
    expect((await as('masked', '?props=ssn.mask')).body).toEqual({ 'ssn.mask': '***-**-1234' });
    expect((await as('masked', '?props=ssn,ssn.mask')).body).toEqual({
      ssn: '***-**-1234',
      'ssn.mask': '***-**-1234',
    });
  });

  test('a masked role gets no other transformation', async () => {
    expect(refused(await as('masked', '?props=ssn.token'))).toBe('403 PV1006');
  });

  test('who has no read grant at all is refused whether the object exists or not', async () => {
    const { nobody } = await setClients(vault, [
      {
        name: 'nobody',
        capabilities: ['CapDataReader'],
        allow: [{ operations: ['write'], resources: ['*'] }],
      },
    ]);
    for (const which of [id, NOWHERE, 'x']) {
      expect(refused(await get('?props=name', { key: nobody! }, which))).toBe('403 PV1006');
    }
  });

  test('an object of another tenant is PV9009', async () => {
    const theirs = await addObject(vault, {}, { headers: { 'x-tenant-id': 'b' } });
    const asking = (tenants: string): Promise<Answer> =>
      get('?props=id', { headers: { 'x-tenant-id': tenants } }, theirs);
    expect(refused(await asking('a'))).toBe('403 PV9009');
    expect((await asking('a,b')).status).toBe(200);
  });
});

describe('404', () => {
  test('a missing object has exactly the body that clients compare', async () => {
    const answer = await get('?props=ssn', {}, NOWHERE);
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({
      error_code: 'PV3005',
      error_url: 'https://docs.piiano.com/api/error-codes#PV3005',
      message: `One or more Objects is not found: ${NOWHERE}. For more details, view the logs.`,
      context: { ids: NOWHERE },
    });
  });

  test('what is no id is not found and not repeated', async () => {
    const answer = await get('?props=ssn', {}, 'canary@example.com');
    expect(refused(answer)).toBe('404 PV3005');
    expect(answer.text).not.toContain('canary');
  });

  test.each([
    ['?props=nick', { field: 'props[0]' }],
    ['?props=name,ssn.nick', { field: 'props[1]', property: 'ssn' }],
    ['?props=ssn.mask.mask', { field: 'props[0]', property: 'ssn' }],
    ['?props=constructor', { field: 'props[0]' }],
  ])('%s names nothing: PV3004', async (query, context) =>
    expect(refusal(await get(query))).toEqual([404, 'PV3004', context]),
  );

  test('an object whose time is up is gone', async () => {
    const old = await addObject(vault, { name: 'x' }, { query: '?expiration_secs=60' });
    expect((await get('?props=name', {}, old)).status).toBe(200);
    await sql(vault, 'update object set expires_at = now() where id = $1', [old]);
    expect(refused(await get('?props=name', {}, old))).toBe('404 PV3005');
  });

  test('an unknown collection is PV1004, also for who may read nothing', async () => {
    expect(refused(await vault.send('GET', `/data/collections/none/objects/${id}?props=a`))).toBe(
      '404 PV1004',
    );
  });
});
