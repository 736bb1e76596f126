import type { VaultClient } from '@piiano/vault-client';
import { type TestVault, startVault } from '../support/vault.js';
import { clientOf, errorOf } from './client.js';

const collection = 'customers';
const reason = 'AppFunctionality';
const at = { collection, reason } as const;
let vault: TestVault;
let client: VaultClient;
let id: string;
beforeAll(async () => {
  vault = await startVault();
  client = clientOf(vault);
  await client.collections.addCollection({
    requestBody: {
      name: collection,
      type: 'PERSONS',
      properties: [
        { name: 'ssn', data_type_name: 'SSN' },
        { name: 'email', data_type_name: 'EMAIL' },
      ],
    },
  });
  ({ id } = await client.objects.addObject({
    ...at,
    requestBody: { ssn: '123-12-1234', email: 'john@gmail.com' },
  }));
});
afterAll(() => vault.close());

test('a token is made, exchanged, searched, updated, rotated, counted and deleted', async () => {
  const [made] = await client.tokens.tokenize({
    ...at,
    expirationSecs: '',
    requestBody: [{ type: 'pointer', object: { id }, props: ['id', 'ssn', 'email'], tags: ['a'] }],
  });
  const token = made!.token_id;
  expect(await client.tokens.detokenize({ ...at, tokenIds: [token] })).toEqual([
    { token_id: token, fields: { id, ssn: '123-12-1234', email: 'john@gmail.com' } },
  ]);
  expect(
    await client.tokens.detokenize({
      ...at,
      tokenIds: [token],
      objectIds: [id],
      tags: ['a'],
      props: ['email.mask'],
    }),
  ).toEqual([{ token_id: token, fields: { 'email.mask': 'j***@gmail.com' } }]);
  const [shown] = await client.tokens.detokenize({
    ...at,
    tokenIds: [token],
    options: ['include_metadata', 'include_aggregated_data'],
  });
  expect(shown!.metadata).toMatchObject({
    type: 'pointer',
    scope: 'default',
    tokens: [{ object_id: id, tags: ['a'] }],
  });

  expect(
    await client.tokens.updateTokens({ ...at, tokenIds: [token], requestBody: { tags: ['b'] } }),
  ).toBeUndefined();
  const [found] = await client.tokens.searchTokens({ ...at, requestBody: { tags: ['b'] } });
  expect(found!.token_id).toBe(token);

  const rotated = (await client.tokens.rotateTokens({ ...at, tokenIds: [token] })) as unknown as Record<
    string,
    string
  >;
  expect(await client.tokens.detokenize({ ...at, tokenIds: [token] })).toEqual([]);
  expect(await client.tokens.getTokensCount(at)).toEqual({ active: 1, archived: 0, total: 1 });
  expect(await client.tokens.deleteTokens({ ...at, tokenIds: [rotated[token]!] })).toBeUndefined();
  expect((await errorOf(client.tokens.deleteTokens({ ...at, tokenIds: [rotated[token]!] }))).status).toBe(
    404,
  );
});

test('expiration_secs=0 with an empty body archives a token', async () => {
  const tokens = await client.tokens.tokenize({
    ...at,
    requestBody: [1, 2].map(() => ({ type: 'randomized', object: { id }, props: ['ssn'] })),
  });
  const tokenIds = tokens.map(({ token_id }) => token_id);
  await client.tokens.updateTokens({ ...at, tokenIds: [tokenIds[0]!], expirationSecs: '0', requestBody: {} });
  expect(await client.tokens.detokenize({ ...at, tokenIds })).toHaveLength(1);
  expect(
    await client.tokens.searchTokens({ ...at, options: ['archived'], requestBody: { token_ids: tokenIds } }),
  ).toHaveLength(1);
  const archived = client.tokens.detokenize({ ...at, tokenIds, options: ['archived' as 'include_metadata'] });
  expect((await errorOf(archived)).status).toBe(400);
});

test('fields that are stored come back as an object', async () => {
  const [made] = await client.tokens.tokenize({
    ...at,
    requestBody: [
      {
        type: 'randomized',
        object: { fields: { ssn: '123-12-9999', email: 'a@b.co' } },
        props: ['ssn'],
        store_object: true,
      },
    ],
  });
  expect(await client.objects.getObjectById({ ...at, id: made!.object_id!, props: ['email'] })).toEqual({
    email: 'a@b.co',
  });
  await client.objects.deleteObjectById({ ...at, id: made!.object_id! });
  expect(await client.tokens.detokenize({ ...at, tokenIds: [made!.token_id] })).toEqual([]);
});

test('an id in a path arrives as it was given, in any script and with what encodeURI leaves alone', async () => {
  const transactionId = 'ü 日 %2B+&=,:@$!*()';
  const [made] = await client.tokens.tokenize({
    ...at,
    transactionId,
    requestBody: [{ type: 'randomized', object: { id }, props: ['ssn'] }],
  });
  expect(await client.tokens.getByTransactionId({ ...at, id: transactionId })).toEqual({
    ref_ids: [made!.token_id],
  });
});
