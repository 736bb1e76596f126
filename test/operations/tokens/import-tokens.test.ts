import { setClients } from '../../support/iam.js';
import {
  NOWHERE,
  addCollection,
  addObject,
  detokenize,
  refusal,
  refused,
  tokenize,
} from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let serial = 0;
const fresh = (): string => `Value ${serial++}`;
const send = (items: unknown, query = '', sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', `/data/collections/users/import/tokens${query}`, { json: items, ...sent });
const item = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  token_id: `t-${serial++}`,
  token_type: 'randomized',
  props: ['name'],
  fields: { name: fresh() },
  scope: 'default',
  created_at: '2020-01-02T03:04:05.678Z',
  modified_at: '2021-01-02T03:04:05.678Z',
  ...more,
});
const codesOf = ({ body }: Answer): (string | null)[] =>
  body.results.map(({ error }: { error?: { error_code: string } }) => error?.error_code ?? null);
const total = async (): Promise<number> =>
  (await vault.send('GET', '/data/collections/users/count/tokens')).body.total;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('what one vault exports another takes as it was', async () => {
    const other = await startVault();
    try {
      await addCollection(other);
      const id = await addObject(vault, { id: NOWHERE, name: fresh(), ssn: '123-12-1234' });
      const kinds = [
        { type: 'pointer', object: { id } },
        { type: 'randomized', object: { id }, tags: ['a', 'b'], scope: 's' },
        { type: 'pci', object: { id }, props: ['id', 'ssn'] },
        { type: 'pci', object: { fields: { ssn: '123-12-1234' } } },
        { type: 'randomized', object: { fields: { name: fresh() } } },
      ];
      for (const each of kinds) await tokenize(vault, each);
      const path = '/data/collections/users/export/tokens?token_types=pointer,randomized,pci';
      const exported = (await vault.send('GET', path)).body.results;
      await addObject(other, { id, name: 'Moved', ssn: '123-12-1234' });
      const answer = await other.send('POST', '/data/collections/users/import/tokens', { json: exported });
      expect(answer.body).toEqual({
        ok: true,
        results: exported.map(({ token_id }: { token_id: string }) => ({ token_id, ok: true })),
      });
      const byId = (a: { token_id: string; object_id?: string }): string => a.token_id + (a.object_id ?? '');
      const sorted = (list: { token_id: string }[]): unknown[] =>
        [...list].sort((a, b) => (byId(a) < byId(b) ? -1 : 1));
      expect(sorted((await other.send('GET', path)).body.results)).toEqual(sorted(exported));
      expect(await tokenize(other, { type: 'pci', object: { fields: { ssn: '123-12-1234' } } })).toBe(
        exported.find(({ token_type }: { token_type: string }) => token_type === 'pci').token_id,
      );
    } finally {
      await other.close();
    }
  });

  test('keeps id, times, tags, expiry and tenant', async () => {
    const data = item({
      token_id: 'kept_id-1',
      tags: ['x'],
      fields: { name: 'Kept', _tenant_id: 'q' },
      expiration: { expiration_time: '2099-01-01T00:00:00Z' },
    });
    expect((await send([data])).body).toEqual({ ok: true, results: [{ token_id: 'kept_id-1', ok: true }] });
    const [found] = (
      await vault.send('POST', '/data/collections/users/query/tokens', { json: { tags: ['x'] } })
    ).body;
    expect(found.tokens).toEqual([
      {
        creation_time: '2020-01-02T03:04:05.678Z',
        expiration_time: '2099-01-01T00:00:00.000Z',
        effective_expiration_time: '2099-01-01T00:00:00.000Z',
        effective_tenant_id: 'q',
        tags: ['x'],
      },
    ]);
    expect(await detokenize(vault, 'token_ids=kept_id-1')).toEqual([
      { token_id: 'kept_id-1', fields: { name: 'Kept' } },
    ]);
  });

  test('no tokens, no results', async () => expect((await send([])).body).toEqual({ ok: true, results: [] }));

  test('a repetition with the same Idempotency-Key gets the first answer', async () => {
    const sent = { headers: { 'idempotency-key': 'i1' } };
    const items = [item()];
    const first = await send(items, '', sent);
    expect((await send(items, '', sent)).body).toEqual(first.body);
    expect(codesOf(await send(items))).toEqual(['PV9040']);
    expect(refused(await send([item()], '', sent))).toBe('422 PV9019');
  });
});

describe('200 with a failure: nothing comes in', () => {
  test.each<[string, () => Promise<Record<string, unknown>[]>, (string | null)[]]>([
    ['pci_oneway', async () => [item({ token_type: 'pci_oneway' }), item()], ['PV9043', null]],
    ['deterministic', async () => [item(), item({ token_type: 'deterministic' })], [null, 'PV9043']],
    [
      'pci whose values have a token',
      async () => {
        const fields = { name: fresh() };
        await tokenize(vault, { type: 'pci', object: { fields } });
        return [item(), item({ token_type: 'pci', fields })];
      },
      [null, 'PV9041'],
    ],
    [
      'pci that is there already',
      async () => {
        const fields = { name: fresh() };
        const token_id = await tokenize(vault, { type: 'pci', object: { fields } });
        return [item({ token_type: 'pci', fields, token_id }), item()];
      },
      ['PV9040', null],
    ],
    [
      'two ids for the same pci values',
      async () => {
        const fields = { name: fresh() };
        return [item({ token_type: 'pci', fields }), item({ token_type: 'pci', fields })];
      },
      [null, 'PV9041'],
    ],
    [
      'an id that is taken',
      async () => [
        item({ token_id: await tokenize(vault, { object: { fields: { name: fresh() } } }) }),
        item(),
      ],
      ['PV9040', null],
    ],
    [
      'one id twice',
      async () => [item({ token_id: 'twice' }), item({ token_id: 'twice' })],
      [null, 'PV9040'],
    ],
    [
      'an object that is not there',
      async () => [item({ object_id: NOWHERE.replace(/^0/, '1') })],
      ['PV3005'],
    ],
    ['a pointer to nothing', async () => [item({ token_type: 'pointer', fields: {} })], ['PV9006']],
    ['a value its type refuses', async () => [item({ props: ['ssn'], fields: { ssn: '1' } })], ['PV3002']],
    ['a value beside the properties', async () => [item({ props: ['ssn'] })], ['PV9006']],
    ['an unknown property', async () => [item({ props: ['nick'] })], ['PV2003']],
    ['an unknown value', async () => [item({ fields: { nick: 'x' } })], ['PV3004']],
    ['too many tags', async () => [item({ tags: [...'abcdefghijk'] })], ['PV9007']],
    ['an id that is none', async () => [item({ token_id: 'a b' })], ['PV9006']],
    ['a leap second', async () => [item({ created_at: '2016-12-31T23:59:60Z' })], ['PV9006']],
    ['a time before 1970', async () => [item({ modified_at: '0000-01-01T00:00:00Z' })], ['PV9006']],
    ['no properties', async () => [item({ props: [] })], ['PV9006']],
    ['pci without a value', async () => [item({ token_type: 'pci', fields: {} })], ['PV9006']],
  ])('%s', async (_, make, codes) => {
    const items = await make();
    const before = await total();
    const answer = await send(items);
    expect([answer.status, answer.body.ok]).toEqual([200, false]);
    expect(codesOf(answer)).toEqual(codes);
    expect(answer.body.results.map(({ ok }: { ok: boolean }) => ok)).toEqual(items.map(() => false));
    expect(await total()).toBe(before);
  });

  test('and the log says that it failed', async () => {
    await send([item({ token_type: 'pci_oneway' })]);
    const { body } = await vault.send(
      'GET',
      '/api/coatcheck/1.0/audit/entries?operation=importTokens&outcome=failed',
    );
    expect(body.entries[0]).toEqual(expect.objectContaining({ error_code: 'PV9043' }));
  });

  test('of two that bring in the same values at once, one does', async () => {
    for (let round = 0; round < 4; round++) {
      const fields = { name: fresh() };
      const answers = await Promise.all([1, 2].map(() => send([item({ token_type: 'pci', fields })])));
      expect(answers.map(({ body }) => body.ok).sort()).toEqual([false, true]);
    }
  });
});

describe('400', () => {
  test.each<[string, unknown]>([
    ['no list', {}],
    ['no scope', [{ ...item(), scope: undefined }]],
    ['a time that is none', [item({ created_at: 'yesterday' })]],
  ])('%s', async (_, items) => expect(refused(await send(items))).toBe('400 PV1012'));

  test('more than a request may hold', async () =>
    expect(refused(await send(Array.from({ length: 1001 }, () => item())))).toBe('400 PV9007'));
});

describe('403', () => {
  test('needs to write tokens; pci of a masked property would tell equal values', async () => {
    const keys = await setClients(vault, [
      {
        name: 'mover',
        capabilities: ['CapTokensImporter'],
        allow: [{ operations: ['write'], resources: ['users/tokens'] }],
      },
      {
        name: 'reader',
        capabilities: ['CapTokensImporter'],
        allow: [{ operations: ['read'], resources: ['*'] }],
      },
      {
        name: 'masked',
        capabilities: ['CapTokensImporter'],
        allow: [{ operations: ['*'], resources: ['*'] }],
        masks: { 'users/name': 'mask' },
      },
    ]);
    expect((await send([item()], '', { key: keys.mover! })).status).toBe(200);
    expect(refused(await send([item()], '', { key: keys.reader! }))).toBe('403 PV1006');
    expect((await send([item()], '', { key: keys.masked! })).status).toBe(200);
    expect(refusal(await send([item({ token_type: 'pci' })], '', { key: keys.masked! }))).toEqual([
      403,
      'PV1006',
      { username: 'masked' },
    ]);
  });
});

test('404: an unknown collection is PV1004', async () =>
  expect(
    refused(await vault.send('POST', '/data/collections/nowhere/import/tokens', { json: [item()] })),
  ).toBe('404 PV1004'));
