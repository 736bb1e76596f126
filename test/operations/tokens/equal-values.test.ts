import fc from 'fast-check';
import { setClients } from '../../support/iam.js';
import {
  addCollection,
  addObject,
  detokenize,
  refusal,
  refused,
  sql,
  tokenize,
} from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

/** The types whose ids are the same for equal values: `pci`, `pci_oneway` and `deterministic`. */
const TYPES = ['pci', 'pci_oneway', 'deterministic'] as const;
const REVERSIBLE = ['pci', 'deterministic'] as const;
const UUID_SHAPED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let vault: TestVault;
let serial = 0;
/** A value that no other test uses. */
const fresh = (): string => `Value ${serial++}`;
const send = (items: unknown, sent: Sent & { query?: string; collection?: string } = {}): Promise<Answer> =>
  vault.send('POST', `/data/collections/${sent.collection ?? 'users'}/tokens${sent.query ?? ''}`, {
    json: items,
    ...sent,
  });
const idsOf = ({ body }: Answer): string[] => body.map(({ token_id }: { token_id: string }) => token_id);
// What metadata holds is for the test to say.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const metadataOf = async (token: string): Promise<any> =>
  (await vault.send('POST', '/data/collections/users/query/tokens', { json: { token_ids: [token] } }))
    .body[0];
const records = async (): Promise<number> =>
  (await vault.send('GET', '/data/collections/users/count/tokens')).body.total;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'others PERSONS ( name NAME NULL, phone_number PHONE_NUMBER NULL );');
});
afterAll(() => vault.close());

describe.each(TYPES)('%s', (type) => {
  const make = (item: Record<string, unknown>, sent: Sent & { query?: string } = {}): Promise<string> =>
    tokenize(vault, { type, ...item }, sent);

  test('equal collection, values and scope give one id, whatever object the values come from', async () => {
    const name = fresh();
    const first = await make({ object: { fields: { name } } });
    expect(first).toMatch(UUID_SHAPED);
    const [a, b] = [await addObject(vault, { name }), await addObject(vault, { name, email: 'a@b.co' })];
    for (const object of [{ fields: { name } }, { id: a }, { id: b }]) {
      expect(await make({ object, props: ['name'] })).toBe(first);
    }
    const [stored] = (await send([{ type, object: { fields: { name } }, store_object: true }])).body;
    expect(stored).toEqual({ token_id: first, object_id: expect.stringMatching(UUID_SHAPED) });
    expect(await make({ object: { id: a }, props: ['id', 'name'] })).toBe(first);
  });

  test('another value, property, scope, collection or type has another id', async () => {
    const name = fresh();
    const ids = [
      await make({ object: { fields: { name } } }),
      await make({ object: { fields: { name: fresh() } } }),
      await make({ object: { fields: { name, email: 'a@b.co' } } }),
      await make({ object: { fields: { name } }, scope: 'marketing' }),
      ...idsOf(await send([{ type, object: { fields: { name } } }], { collection: 'others' })),
      ...(await Promise.all(
        TYPES.filter((other) => other !== type).map((other) =>
          tokenize(vault, { type: other, object: { fields: { name } } }),
        ),
      )),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a scope that begins with global: is the same in all collections, and its tokens stay where they were made', async () => {
    const fields = { name: fresh() };
    const item = { type, object: { fields }, scope: 'global:people' };
    const [here] = idsOf(await send([item]));
    const [there] = idsOf(await send([item], { collection: 'others' }));
    expect(there).toBe(here);
    expect(await make({ ...item, scope: 'global:other' })).not.toBe(here);
    const inOthers = await vault.send('POST', '/data/collections/others/query/tokens', {
      json: { token_ids: [here] },
    });
    expect(inOthers.body[0].tokens).toHaveLength(1);
    expect((await metadataOf(here!)).tokens).toHaveLength(1);
  });

  test('tokenizing the same again appends tags and extends the expiry, never shortens it', async () => {
    const object = { id: await addObject(vault, { name: fresh() }) };
    const token = await make({ object, props: ['name'], tags: ['a'] }, { query: '?expiration_secs=60' });
    const [{ expiration_time: early }] = (await metadataOf(token)).tokens;
    await make({ object, props: ['name'], tags: ['b', 'a'] }, { query: '?expiration_secs=600' });
    const [{ tags, expiration_time: late }] = (await metadataOf(token)).tokens;
    expect(tags).toEqual(['a', 'b']);
    expect(Date.parse(late) - Date.parse(early)).toBeGreaterThan(500_000);
    await make({ object, props: ['name'] }, { query: '?expiration_secs=5' });
    expect((await metadataOf(token)).tokens).toEqual([expect.objectContaining({ expiration_time: late })]);
    await make({ object, props: ['name'] });
    expect((await metadataOf(token)).tokens[0].expiration_time).toBeNull();
  });

  test('appended tags count towards the limit', async () => {
    const object = { fields: { name: fresh() } };
    await make({ object, tags: [...'abcdefghij'] });
    expect((await send([{ type, object, tags: ['a', 'j'] }])).status).toBe(200);
    expect(refusal(await send([{ type, object, tags: ['k'] }]))).toEqual([
      400,
      'PV9007',
      { field: 'body[0].tags' },
    ]);
  });

  test('one id carries a record for each object and one for bare fields: search tells of all under one entry', async () => {
    const name = fresh();
    const objects = [await addObject(vault, { name }), await addObject(vault, { name })];
    const items = [...objects.map((id) => ({ id })), { fields: { name } }].map((object) => ({
      type,
      object,
      props: ['name'],
    }));
    const [token, ...same] = idsOf(await send(items));
    expect(same).toEqual([token, token]);
    const found = await metadataOf(token!);
    expect(found.tokens.map(({ object_id }: { object_id?: string }) => object_id ?? null).sort()).toEqual(
      [null, ...objects].sort(),
    );
    const [by] = (
      await vault.send('POST', '/data/collections/users/query/tokens', { json: { object_ids: [objects[0]] } })
    ).body;
    expect(by.tokens).toHaveLength(1);
  });

  test('equal values in one request are one token, and one record where nobody or the same object owns them', async () => {
    const fields = { name: fresh() };
    const before = await records();
    const items = [['a'], ['b'], ['a', 'c']].map((tags) => ({ type, object: { fields }, tags }));
    const ids = idsOf(await send(items));
    expect(new Set(ids).size).toBe(1);
    expect(await records()).toBe(before + 1);
    expect((await metadataOf(ids[0]!)).tokens[0].tags).toEqual(['a', 'b', 'c']);
  });

  test('two at once never make two ids, however often it is tried', async () => {
    for (let round = 0; round < 8; round++) {
      const name = fresh();
      const objects = await Promise.all(Array.from({ length: 4 }, () => addObject(vault, { name })));
      const inputs = [...objects.map((id) => ({ id })), ...Array(4).fill({ fields: { name } })];
      const answers = await Promise.all(
        inputs.map((object, i) => send([{ type, object, props: ['name'], tags: [`t${i}`] }])),
      );
      expect(answers.map(refused)).toEqual(inputs.map(() => '200 '));
      const ids = new Set(answers.flatMap(idsOf));
      expect(ids.size).toBe(1);
      const { tokens } = await metadataOf([...ids][0]!);
      expect(tokens).toHaveLength(5);
      // Nobody's tags were lost on the record that four requests shared.
      const shared = tokens.find(({ object_id }: { object_id?: string }) => !object_id);
      expect([...shared.tags].sort()).toEqual(['t4', 't5', 't6', 't7']);
    }
  });

  test('batches of the same values in opposite order both succeed with the same ids', async () => {
    for (let round = 0; round < 4; round++) {
      const names = Array.from({ length: 6 }, fresh);
      const batch = (list: string[]): unknown[] =>
        list.map((name) => ({ type, object: { fields: { name } } }));
      const [forth, back] = await Promise.all([send(batch(names)), send(batch([...names].reverse()))]);
      expect([refused(forth), refused(back)]).toEqual(['200 ', '200 ']);
      expect(idsOf(back).reverse()).toEqual(idsOf(forth));
    }
  });

  test('an archived token still holds its id, and tokenizing again brings it back', async () => {
    const object = { fields: { name: fresh() } };
    const token = await make({ object });
    await vault.send('PATCH', `/data/collections/users/tokens?token_ids=${token}&expiration_secs=0`, {
      json: {},
    });
    expect(await metadataOf(token)).toBeUndefined();
    expect(await make({ object })).toBe(token);
    expect((await metadataOf(token)).tokens).toHaveLength(1);
  });

  test('deleting the object takes its record, and the id lives on with the others', async () => {
    const name = fresh();
    const id = await addObject(vault, { name });
    const token = await make({ object: { id }, props: ['name'] });
    await make({ object: { fields: { name } } });
    await vault.send('DELETE', `/data/collections/users/objects/${id}`);
    expect((await metadataOf(token)).tokens).toHaveLength(1);
    expect(await make({ object: { fields: { name } } })).toBe(token);
  });

  test('tenants share the id and not the records: each meets only its own', async () => {
    const object = { fields: { name: fresh() } };
    const as = (tenant: string): Sent => ({ headers: { 'x-tenant-id': tenant } });
    const token = await make({ object }, as('a'));
    expect(await make({ object }, as('b'))).toBe(token);
    const search = (tenant: string): Promise<Answer> =>
      vault.send('POST', '/data/collections/users/query/tokens', {
        json: { token_ids: [token] },
        ...as(tenant),
      });
    for (const tenant of ['a', 'b']) {
      expect((await search(tenant)).body[0].tokens).toEqual([
        expect.objectContaining({ effective_tenant_id: tenant }),
      ]);
    }
    expect(refused(await search('c'))).toBe('403 PV9009');
    const gone = await vault.send('DELETE', `/data/collections/users/tokens?token_ids=${token}`, as('a'));
    expect(gone.status).toBe(200);
    expect((await metadataOf(token)).tokens).toHaveLength(1);
  });

  test('values are needed: the id of an object alone makes no such token', async () => {
    const id = await addObject(vault, {});
    for (const props of [['id'], ['name'], []]) {
      expect(refused(await send([{ type, object: { id }, props }]))).toBe('400 PV9006');
    }
  });

  test('a role with a mask on the property gets 403: the id would tell equal values from others', async () => {
    const allow = [{ operations: ['*'], resources: ['*'] }];
    const { masked } = await setClients(vault, [
      { name: 'masked', capabilities: ['*'], allow, masks: { 'users/ssn': 'mask' } },
    ]);
    const item = (of: string): unknown => [
      { type: of, object: { fields: { name: fresh(), ssn: '123-12-1234' } } },
    ];
    const sent = { key: masked! };
    expect(refusal(await send(item(type), sent))).toEqual([403, 'PV1006', { username: 'masked' }]);
    expect(
      (
        await send(
          [{ type, object: { fields: { name: fresh(), ssn: '123-12-1234' } }, props: ['name'] }],
          sent,
        )
      ).status,
    ).toBe(200);
    expect((await send(item('randomized'), sent)).status).toBe(200);
  });
});

describe.each(REVERSIBLE)('%s comes back', (type) => {
  test('as one entry for each id, with the values of the time it was made', async () => {
    const name = fresh();
    const objects = [await addObject(vault, { name }), await addObject(vault, { name })];
    const ids = idsOf(await send(objects.map((id) => ({ type, object: { id }, props: ['name'] }))));
    await vault.send('PATCH', `/data/collections/users/objects/${objects[0]}`, { json: { name: 'Changed' } });
    expect(await detokenize(vault, `token_ids=${ids[0]}`)).toEqual([{ token_id: ids[0], fields: { name } }]);
    const [{ metadata }] = (await detokenize(
      vault,
      `token_ids=${ids[0]}&options=include_metadata,include_aggregated_data`,
    )) as [{ metadata: { tokens: unknown[]; agg: unknown } }];
    expect(metadata.tokens).toHaveLength(2);
    expect(metadata.agg).toEqual({ max_effective_expiration_time: null });
  });

  test('for a tenant that has a record of it, also where others do too', async () => {
    const object = { fields: { name: fresh() } };
    const as = (tenant: string): Sent => ({ headers: { 'x-tenant-id': tenant } });
    for (const tenant of ['a', 'b']) await tokenize(vault, { type, object }, as(tenant));
    const token = await tokenize(vault, { type, object }, as('a'));
    for (const tenant of ['a', 'b', 'b,c']) {
      const path = `/data/collections/users/tokens?token_ids=${token}`;
      expect((await vault.send('GET', path, as(tenant))).body).toEqual([
        { token_id: token, fields: object.fields },
      ]);
      expect(refused(await vault.send('GET', path, as('c')))).toBe('403 PV9009');
    }
  });

  test('after the object is archived or deleted no more', async () => {
    for (const end of ['PATCH', 'DELETE']) {
      const id = await addObject(vault, { name: fresh() });
      const token = await tokenize(vault, { type, object: { id } });
      expect(await detokenize(vault, `token_ids=${token}`)).toHaveLength(1);
      const query = end === 'PATCH' ? '?expiration_secs=0' : '';
      await vault.send(
        end,
        `/data/collections/users/objects/${id}${query}`,
        end === 'PATCH' ? { json: {} } : {},
      );
      expect(await detokenize(vault, `token_ids=${token}`)).toEqual([]);
    }
  });

  test('under a new id after it was rotated, with all its records', async () => {
    const name = fresh();
    const id = await addObject(vault, { name });
    const token = await tokenize(vault, { type, object: { id }, props: ['name'] });
    await tokenize(vault, { type, object: { fields: { name } } });
    const { body } = await vault.send('POST', `/data/collections/users/rotate/tokens?token_ids=${token}`);
    const renamed = body[token];
    expect(await detokenize(vault, `token_ids=${token},${renamed}`)).toEqual([
      { token_id: renamed, fields: { name } },
    ]);
    expect((await metadataOf(renamed)).tokens).toHaveLength(2);
    // What is computed is computed again; what is reused goes on under the new id.
    const again = await tokenize(vault, { type, object: { fields: { name } } });
    expect(again).toBe(type === 'pci' ? renamed : token);
  });
});

describe('pci_oneway', () => {
  test('never comes back: refused where it is named, left out where it is found', async () => {
    const id = await addObject(vault, { name: fresh() });
    const oneway = await tokenize(vault, { type: 'pci_oneway', object: { id } });
    const pointer = await tokenize(vault, { type: 'pointer', object: { id } });
    const get = (query: string): Promise<Answer> =>
      vault.send('GET', `/data/collections/users/tokens?${query}`);
    expect(refused(await get(`token_ids=${oneway}`))).toBe('400 PV9043');
    expect(refused(await get(`token_ids=${pointer},${oneway}`))).toBe('400 PV9043');
    expect(idsOf(await get(`object_ids=${id}`))).toEqual([pointer]);
    expect(
      refused(await vault.send('POST', `/data/collections/users/rotate/tokens?token_ids=${oneway}`)),
    ).toBe('400 PV9043');
  });

  test('keeps no values, not even sealed ones', async () => {
    await tokenize(vault, { type: 'pci_oneway', object: { fields: { name: fresh() } } });
    expect(
      await sql(vault, "select from token where type = 'pci_oneway' and sealed is not null"),
    ).toHaveLength(0);
  });
});

describe('an id of the caller’s', () => {
  test('pci takes it for values that have none, and it must be the one they have', async () => {
    const object = { fields: { name: fresh() } };
    expect(await tokenize(vault, { type: 'pci', object, token_id: 'mine-1' })).toBe('mine-1');
    expect(await tokenize(vault, { type: 'pci', object })).toBe('mine-1');
    expect(await tokenize(vault, { type: 'pci', object, token_id: 'mine-1' })).toBe('mine-1');
    expect(refusal(await send([{ type: 'pci', object, token_id: 'mine-2' }]))).toEqual([
      409,
      'PV9041',
      { field: 'body[0].token_id' },
    ]);
    expect(
      refused(await send([{ type: 'pci', object: { fields: { name: fresh() } }, token_id: 'mine-1' }])),
    ).toBe('409 PV9040');
  });

  test('deterministic accepts the one that is computed and no other', async () => {
    const object = { fields: { name: fresh() } };
    const id = await tokenize(vault, { type: 'deterministic', object });
    expect(await tokenize(vault, { type: 'deterministic', object, token_id: id })).toBe(id);
    expect(refused(await send([{ type: 'deterministic', object, token_id: 'mine' }]))).toBe('400 PV9042');
  });

  test('of two that want one id for different values at once, one gets it', async () => {
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(
        [1, 2, 3].map(() =>
          send([{ type: 'pci', object: { fields: { name: fresh() } }, token_id: `race-${round}` }]),
        ),
      );
      expect(answers.map(refused).sort()).toEqual(['200 ', '409 PV9040', '409 PV9040']);
    }
  });
});

describe('a deterministic id is a function of its input', () => {
  const text = fc
    .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
    .filter((name) => !/\0/.test(name));
  test('the order of properties and the way a value is written make no difference', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ name: text, digits: fc.integer({ min: 1_000_000, max: 9_999_999 }) }),
        fc.constantFrom('default', 'global:x', 's'),
        async ({ name, digits }, scope) => {
          const [plain, dashed] = [
            `1${digits}`,
            `1-${String(digits).slice(0, 3)}-${String(digits).slice(3)}`,
          ];
          const objects = [
            { name: name.normalize('NFC'), phone_number: plain },
            { phone_number: dashed, name: name.normalize('NFD') },
          ];
          const ids = await Promise.all(
            objects.flatMap((fields) =>
              [
                ['name', 'phone_number'],
                ['phone_number', 'name'],
              ].map((props) => tokenize(vault, { type: 'deterministic', object: { fields }, props, scope })),
            ),
          );
          const hash = await vault.send('POST', '/data/collections/users/hash/objects', {
            json: objects.map((fields) => ({ object: { fields }, scope })),
          });
          expect(new Set([...ids, ...idsOf(hash)]).size).toBe(1);
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe('an id with more records than a request may hold', () => {
  test('is exchanged like any other, grows further, and is too much only for what tells of every record', async () => {
    const small = await startVault({
      PVAULT_SERVICE_MAX_PAGE_SIZE: '3',
      PVAULT_SERVICE_DEFAULT_PAGE_SIZE: '3',
    });
    try {
      await addCollection(small);
      const ids = [];
      for (let i = 0; i < 5; i++) {
        const id = await addObject(small, { name: 'Many' });
        ids.push(await tokenize(small, { type: 'deterministic', object: { id } }));
      }
      const [token] = ids;
      expect(new Set(ids).size).toBe(1);
      expect(await detokenize(small, `token_ids=${token}`)).toEqual([
        { token_id: token, fields: { name: 'Many' } },
      ]);
      const search = await small.send('POST', '/data/collections/users/query/tokens', {
        json: { token_ids: [token] },
      });
      expect(refused(search)).toBe('400 PV9007');
    } finally {
      await small.close();
    }
  });
});
