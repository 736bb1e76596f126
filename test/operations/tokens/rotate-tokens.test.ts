import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, detokenize, refused, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let ann: string;
const rotate = (query: string, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', `/data/collections/users/rotate/tokens${query}`, sent);
const keyed = (key: string): Sent => ({ headers: { 'idempotency-key': key } });

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  ann = await addObject(vault, { name: 'Ann' });
});
afterAll(() => vault.close());

describe('200', () => {
  test('answers new ids by old ones; the old ones are dead at once, everything else stays', async () => {
    const old = [
      await tokenize(vault, { type: 'pointer', object: { id: ann }, tags: ['t'] }),
      await tokenize(vault, { object: { fields: { name: 'Free' } } }),
    ];
    const { body } = await rotate(`/?token_ids=${old[0]}&token_ids=${old[1]},${old[0]}`);
    expect(Object.keys(body).sort()).toEqual([...old].sort());
    const fresh = old.map((id) => body[id] as string);
    expect(fresh).not.toContain(old[0]);
    expect(await detokenize(vault, `token_ids=${old.join(',')}`)).toEqual([]);
    expect(await detokenize(vault, `token_ids=${fresh.join(',')}`)).toEqual([
      { token_id: fresh[0], fields: { name: 'Ann' } },
      { token_id: fresh[1], fields: { name: 'Free' } },
    ]);
    expect(await detokenize(vault, 'tags=t')).toEqual([{ token_id: fresh[0], fields: { name: 'Ann' } }]);
    expect(refused(await rotate(`?token_ids=${old[0]}`))).toBe('404 PV3087');
  });

  test('of several at once one renames the token', async () => {
    const token = await tokenize(vault, { object: { id: ann } });
    const answers = await Promise.all([1, 2, 3].map(() => rotate(`?token_ids=${token}`)));
    const done = answers.filter(({ status }) => status === 200);
    expect(done).toHaveLength(1);
    for (const answer of answers) expect(['200 ', '404 PV3087', '409 PV3218']).toContain(refused(answer));
    expect(await detokenize(vault, `token_ids=${done[0]!.body[token]}`)).toHaveLength(1);
  });
});

describe('200 with Idempotency-Key', () => {
  test('a repetition gets the first answer and renames nothing', async () => {
    const token = await tokenize(vault, { object: { id: ann } });
    const first = await rotate(`?token_ids=${token}`, keyed('r1'));
    const second = await rotate(`?token_ids=${token}`, keyed('r1'));
    expect([second.status, second.body]).toEqual([200, first.body]);
    expect(await detokenize(vault, `token_ids=${first.body[token]}`)).toHaveLength(1);
  });

  test('of several at once all get the same answer', async () => {
    const token = await tokenize(vault, { object: { id: ann } });
    const answers = await Promise.all([1, 2, 3, 4].map(() => rotate(`?token_ids=${token}`, keyed('r2'))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await detokenize(vault, `token_ids=${answers[0]!.body[token]}`)).toHaveLength(1);
  });

  test('other tokens under the same key are 422 PV9019', async () => {
    const tokens = [
      await tokenize(vault, { object: { id: ann } }),
      await tokenize(vault, { object: { id: ann } }),
    ];
    await rotate(`?token_ids=${tokens[0]}`, keyed('r3'));
    expect(refused(await rotate(`?token_ids=${tokens[1]}`, keyed('r3')))).toBe('422 PV9019');
  });
});

test('400: more ids than a page has are PV9007', async () => {
  const ids = Array.from({ length: 1_001 }, (_, i) => `t${i}`).join(',');
  expect(refused(await rotate(`?token_ids=${ids}`))).toBe('400 PV9007');
});

test.each(['', '?token_ids=', '?object_ids=x'])('400: %j names no token', async (query) =>
  expect((await rotate(query)).status).toBe(400),
);

test('403: needs to write tokens, and of its own tenant', async () => {
  const { reader } = await setClients(vault, [
    {
      name: 'reader',
      capabilities: ['CapTokensWriter'],
      allow: [{ operations: ['delete'], resources: ['*'] }],
    },
  ]);
  const token = await tokenize(
    vault,
    { object: { fields: { name: 'x' } } },
    { headers: { 'x-tenant-id': 'a' } },
  );
  expect(refused(await rotate(`?token_ids=${token}`, { key: reader! }))).toBe('403 PV1006');
  expect(refused(await rotate(`?token_ids=${token}`, { headers: { 'x-tenant-id': 'b' } }))).toBe(
    '403 PV9009',
  );
});

describe('404', () => {
  test('one unknown id refuses all: PV3087, and nothing is renamed', async () => {
    const token = await tokenize(vault, { object: { id: ann } });
    expect(refused(await rotate(`?token_ids=${token},${NOWHERE}`))).toBe('404 PV3087');
    expect(await detokenize(vault, `token_ids=${token}`)).toHaveLength(1);
  });

  test('an archived token is not found', async () => {
    const token = await tokenize(vault, { object: { id: ann } });
    await vault.send('PATCH', `/data/collections/users/tokens?token_ids=${token}&expiration_secs=0`, {
      json: {},
    });
    expect(refused(await rotate(`?token_ids=${token}`))).toBe('404 PV3087');
  });
});
