import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, refusal, refused, sql, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let ann: string;
let bob: string;
let tokens: Record<'annSsn' | 'annMail' | 'bobSsn' | 'free', string>;
const get = (query: string, sent: Sent = {}): Promise<Answer> =>
  vault.send('GET', `/data/collections/users/tokens${query}`, sent);
const idsIn = ({ body }: Answer): string[] => body.map((each: { token_id: string }) => each.token_id);

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  ann = await addObject(vault, { name: 'Ann', ssn: '123-12-1234', email: 'ann@b.co' });
  bob = await addObject(vault, { name: 'Bob', ssn: '123-12-1235' });
  tokens = {
    annSsn: await tokenize(vault, { type: 'pointer', object: { id: ann }, props: ['ssn'], tags: ['x'] }),
    annMail: await tokenize(vault, { object: { id: ann }, props: ['email'], tags: ['x', 'y'] }),
    bobSsn: await tokenize(vault, { object: { id: bob }, props: ['ssn'], tags: ['x', 'y'] }),
    free: await tokenize(vault, { object: { fields: { ssn: '123-12-1236' } }, tags: ['y'] }),
  };
});
afterAll(() => vault.close());

describe('200', () => {
  test('by token ids: in the order of the request, in both spellings of a list, each once', async () => {
    const expected = [
      { token_id: tokens.free, fields: { ssn: '123-12-1236' } },
      { token_id: tokens.annSsn, fields: { ssn: '123-12-1234' } },
    ];
    for (const query of [
      `/?token_ids=${tokens.free},${tokens.annSsn}`,
      `?token_ids=${tokens.free}&token_ids=${tokens.annSsn}`,
      `?token_ids=${tokens.free},${tokens.annSsn}&token_ids=${tokens.free}&object_ids=&tags=&props=&options=`,
    ]) {
      expect((await get(query)).body).toEqual(expected);
    }
  });

  test('kinds of selection are all needed, within a kind any id and every tag', async () => {
    const { annSsn, annMail, bobSsn, free } = tokens;
    const selected = async (query: string): Promise<string[]> => idsIn(await get(query)).sort();
    const sorted = (...ids: string[]): string[] => ids.sort();
    expect(await selected(`?object_ids=${ann}`)).toEqual(sorted(annSsn, annMail));
    expect(await selected(`?object_ids=${ann.toUpperCase()}&object_ids=${bob}`)).toEqual(
      sorted(annSsn, annMail, bobSsn),
    );
    expect(await selected('?tags=x')).toEqual(sorted(annSsn, annMail, bobSsn));
    expect(await selected('?tags=x,y')).toEqual(sorted(annMail, bobSsn));
    expect(await selected('?tags=x&tags=y&tags=z')).toEqual([]);
    expect(await selected(`?object_ids=${ann}&tags=y`)).toEqual([annMail]);
    expect(await selected(`?token_ids=${annSsn},${free}&object_ids=${ann}`)).toEqual([annSsn]);
    expect(await selected(`?token_ids=${annSsn},${free}&tags=y`)).toEqual([free]);
    expect(await selected(`?token_ids=${free}&object_ids=${ann}`)).toEqual([]);
  });

  test('props choose and transform, under the name asked for; what a token does not stand for is left out', async () => {
    const { annSsn, annMail } = tokens;
    expect((await get(`?token_ids=${annSsn},${annMail}&props=ssn.mask,ssn,email.mask`)).body).toEqual([
      { token_id: annSsn, fields: { 'ssn.mask': '***-**-1234', ssn: '123-12-1234' } },
      { token_id: annMail, fields: { 'email.mask': 'a**@b.co' } },
    ]);
    expect((await get(`?token_ids=${annSsn}&props=name`)).body).toEqual([{ token_id: annSsn, fields: {} }]);
  });

  test.each([
    ['unknown ids', `token_ids=${NOWHERE},whatever`],
    ['unknown tags', 'tags=nobody-has-it'],
  ])('nothing found by %s is an empty list', async (_, query) =>
    expect((await get(`?${query}`)).body).toEqual([]),
  );

  test('an id is found only as it was given out', async () => {
    expect((await get(`?token_ids=${tokens.free.toUpperCase()}`)).body).toEqual([]);
  });

  test('a token is found only in its collection', async () => {
    await addCollection(vault, 'others PERSONS ( ssn SSN );');
    expect(
      (await vault.send('GET', `/data/collections/others/tokens?token_ids=${tokens.free}`)).body,
    ).toEqual([]);
  });

  test('metadata only where it is asked for, with every member the contract wants', async () => {
    const { annSsn, free } = tokens;
    const [of] = (await get(`?token_ids=${annSsn}&options=include_metadata`)).body;
    expect(of).toEqual({
      token_id: annSsn,
      fields: { ssn: '123-12-1234' },
      metadata: {
        token_id: annSsn,
        type: 'pointer',
        scope: 'default',
        tokens: [
          {
            creation_time: expect.stringMatching(/Z$/),
            expiration_time: null,
            effective_expiration_time: null,
            object_id: ann,
            tags: ['x'],
          },
        ],
      },
    });
    const [bare] = (await get(`?token_ids=${free}&options=include_metadata,include_aggregated_data`)).body;
    expect(bare.metadata.agg).toEqual({ max_effective_expiration_time: null });
    expect(bare.metadata.tokens[0]).not.toHaveProperty('object_id');
    const [alone] = (await get(`?token_ids=${free}&options=include_aggregated_data`)).body;
    expect(alone).not.toHaveProperty('metadata');
  });

  test('the effective expiry is the earlier of the token’s and its object’s', async () => {
    const id = await addObject(vault, { name: 'x' }, { query: '?expiration_secs=60' });
    const long = await tokenize(vault, { object: { id } }, { query: '?expiration_secs=600' });
    const short = await tokenize(vault, { object: { id } }, { query: '?expiration_secs=6' });
    const { body } = await get(`?token_ids=${long},${short}&options=include_metadata&props=name`);
    const [l, s] = body.map((each: { metadata: { tokens: unknown[] } }) => each.metadata.tokens[0]);
    expect(Date.parse(l.effective_expiration_time)).toBeLessThan(Date.parse(l.expiration_time));
    expect(s.effective_expiration_time).toBe(s.expiration_time);
  });

  test('an expired token and a token of an expired object are silently absent', async () => {
    const id = await addObject(vault, { name: 'x' });
    const [own, owned] = [
      await tokenize(vault, { object: { id } }),
      await tokenize(vault, { object: { id } }),
    ];
    await vault.send('PATCH', `/data/collections/users/tokens?token_ids=${own}&expiration_secs=0`, {
      json: {},
    });
    expect(idsIn(await get(`?token_ids=${own},${owned}`))).toEqual([owned]);
    await vault.send('PATCH', `/data/collections/users/objects/${id}?expiration_secs=0`, { json: {} });
    expect(idsIn(await get(`?token_ids=${own},${owned}`))).toEqual([]);
    await vault.send('PATCH', `/data/collections/users/objects/${id}?expiration_secs=&options=archived`, {
      json: {},
    });
    expect(idsIn(await get(`?token_ids=${own},${owned}`))).toEqual([owned]);
  });

  test('a property deleted since is no longer part of a token', async () => {
    await addCollection(vault, 'fading PERSONS ( a STRING NULL, b STRING NULL );');
    const path = '/data/collections/fading/tokens';
    const json = [{ type: 'randomized', object: { fields: { a: '1', b: '2' } } }];
    const [{ token_id }] = (await vault.send('POST', path, { json })).body;
    await vault.send('DELETE', '/ctl/collections/fading/properties/a');
    expect((await vault.send('GET', `${path}?token_ids=${token_id}`)).body).toEqual([
      { token_id, fields: { b: '2' } },
    ]);
    // A new property of the old name is another one.
    await vault.send('POST', '/ctl/collections/fading/properties/a', {
      json: { name: 'a', data_type_name: 'STRING' },
    });
    expect((await vault.send('GET', `${path}?token_ids=${token_id}&props=a`)).body).toEqual([
      { token_id, fields: {} },
    ]);
    await vault.send('DELETE', '/ctl/collections/fading/properties/b');
    expect((await vault.send('GET', `${path}?token_ids=${token_id}`)).body).toEqual([
      { token_id, fields: {} },
    ]);
  });

  test('a thousand ids fit into one request', async () => {
    const many = Array.from({ length: 999 }, (_, i) => NOWHERE.slice(0, -4) + String(i).padStart(4, '0'));
    expect(idsIn(await get(`?token_ids=${[...many, tokens.free].join(',')}`))).toEqual([tokens.free]);
  });
});

describe('400', () => {
  test.each([
    ['', 'PV9006'],
    ['?token_ids=', 'PV9006'],
    ['?token_ids=a&options=archived', 'PV1012'],
    [`?token_ids=${Array(1001).fill('a').join(',')}`, 'PV9007'],
  ])('%s is %s', async (query, code) => expect(refused(await get(query))).toBe(`400 ${code}`));
});

describe('403', () => {
  test('needs both detokenize and read on what is shown, under the right reason', async () => {
    const resources = ['users/properties/ssn'];
    const keys = await setClients(vault, [
      {
        name: 'both',
        capabilities: ['CapTokensDetokenizer'],
        allow: [{ operations: ['detokenize', 'read'], resources }],
      },
      {
        name: 'half',
        capabilities: ['CapTokensDetokenizer'],
        allow: [{ operations: ['detokenize'], resources }],
      },
      {
        name: 'mask',
        capabilities: ['CapTokensDetokenizer'],
        allow: [{ operations: ['detokenize', 'read'], resources: ['users/properties/ssn.mask'] }],
      },
      {
        name: 'support',
        capabilities: ['CapTokensDetokenizer'],
        allow: [{ operations: ['detokenize', 'read'], resources: ['users/properties/ssn.mask'] }],
        masks: { 'users/ssn': 'mask' },
      },
      {
        name: 'why',
        capabilities: ['CapDataReader'],
        allow: [{ operations: ['*'], resources: ['*'], reasons: ['FraudPreventionSecurityAndCompliance'] }],
      },
    ]);
    const { annSsn, annMail } = tokens;
    const as = (name: string, query: string): Promise<Answer> => get(query, { key: keys[name]! });
    expect((await as('both', `?token_ids=${annSsn}`)).status).toBe(200);
    expect(refused(await as('both', `?token_ids=${annSsn},${annMail}`))).toBe('403 PV1006');
    expect((await as('both', `?token_ids=${annSsn},${annMail}&props=ssn`)).status).toBe(200);
    expect(refused(await as('half', `?token_ids=${annSsn}`))).toBe('403 PV1006');
    expect(refused(await as('mask', `?token_ids=${annSsn}`))).toBe('403 PV1006');
    expect((await as('mask', `?token_ids=${annSsn}&props=ssn.mask`)).body).toEqual([
      { token_id: annSsn, fields: { 'ssn.mask': '***-**-1234' } },
    ]);
    for (const query of [`?token_ids=${annSsn}`, `?token_ids=${annSsn}&props=ssn`]) {
      expect((await as('support', query)).body).toEqual([
        { token_id: annSsn, fields: { ssn: '***-**-1234' } },
      ]);
    }
    expect(refused(await as('support', `?token_ids=${annSsn}&props=ssn.token`))).toBe('403 PV1006');
    expect(refused(await as('why', `?token_ids=${annSsn}`))).toBe('403 PV1006');
    expect((await as('why', `?token_ids=${annSsn}&reason=FraudPreventionSecurityAndCompliance`)).status).toBe(
      200,
    );
  });

  test('without any detokenize grant it is 403 before the lookup: no id can be tried', async () => {
    const { nobody } = await setClients(vault, [
      {
        name: 'nobody',
        capabilities: ['CapTokensDetokenizer'],
        allow: [{ operations: ['read'], resources: ['*'] }],
      },
    ]);
    for (const query of [`?token_ids=${tokens.annSsn}`, `?token_ids=${NOWHERE}`, `?object_ids=${NOWHERE}`]) {
      expect(refusal(await get(query, { key: nobody! }))).toEqual([403, 'PV1006', { username: 'nobody' }]);
    }
  });

  test('one token of another tenant refuses all', async () => {
    const id = await addObject(vault, { _tenant_id: 'b', name: 'x' });
    const theirs = await tokenize(vault, { object: { id } });
    const mine = await tokenize(
      vault,
      { object: { fields: { name: 'y' } } },
      { headers: { 'x-tenant-id': 'a' } },
    );
    const sent = { headers: { 'x-tenant-id': 'a' } };
    expect((await get(`?token_ids=${mine}`, sent)).status).toBe(200);
    expect(refused(await get(`?token_ids=${mine},${theirs}`, sent))).toBe('403 PV9009');
  });
});

describe('404', () => {
  test('a missing owner is PV3005, an unknown property PV3004', async () => {
    expect(refusal(await get(`?object_ids=${ann},${NOWHERE}`))).toEqual([404, 'PV3005', { ids: NOWHERE }]);
    expect(refused(await get(`?token_ids=${tokens.free}&props=nick`))).toBe('404 PV3004');
    expect(refused(await get(`?token_ids=${tokens.free}&props=ssn.nick`))).toBe('404 PV3004');
  });

  test('an archived owner is not found', async () => {
    const id = await addObject(vault, {});
    await sql(vault, 'update object set expires_at = now() where id = $1', [id]);
    expect(refused(await get(`?object_ids=${id}`))).toBe('404 PV3005');
  });
});
