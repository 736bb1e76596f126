import { deleteErased } from '../../../src/operations/idp/delete-erased.js';
import { sql } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { DELETED, type Keys, LOGIN, entriesOf, loginOf, withHook } from './support.js';

const DAY_MS = 24 * 3600 * 1000;

let vault: TestVault;
let keys: Keys;

beforeAll(async () => {
  vault = await startVault();
  keys = await withHook(vault);
});
afterAll(() => vault.close());

async function erased(user: string): Promise<string> {
  const { body } = await vault.send('POST', LOGIN, {
    json: loginOf(user, { ssn: '123-12-1234' }),
    key: keys.hook,
  });
  const event = { tenant: { id: 'acme' }, user: { user_id: `auth0|${user}` } };
  expect((await vault.send('POST', DELETED, { json: event, key: keys.eraser })).status).toBe(200);
  return body.write.pii_object_id as string;
}

async function left(id: string): Promise<number[]> {
  const [row] = (await sql(
    vault,
    `select (select count(*) from object where id = $1)::int as object, (select count(*) from token where object_id = $1)::int as token,
            (select count(*) from keystore.object_key where record_id = $1)::int as key, (select count(*) from idp_subject where object_id = $1)::int as subject`,
    [id],
  )) as { object: number; token: number; key: number; subject: number }[];
  return [row!.object, row!.token, row!.key, row!.subject];
}

test('within seven days everything is still there, archived; after them only the tombstone is left', async () => {
  const id = await erased('gone');
  await deleteErased(vault.app.vault, new Date(Date.now() + 6.9 * DAY_MS));
  expect(await left(id)).toEqual([1, 1, 1, 1]);
  await deleteErased(vault.app.vault, new Date(Date.now() + 7.1 * DAY_MS));
  expect(await left(id)).toEqual([0, 0, 0, 1]);
  expect((await entriesOf(vault)).at(-1)).toMatchObject({
    user: 'idp-erasure',
    objects: [id],
    rule: 'grace-over',
  });

  const { body } = await vault.send('POST', LOGIN, {
    json: loginOf('gone', { ssn: '123-12-1234' }),
    key: keys.hook,
  });
  expect(body.warnings).toEqual([{ code: 'erased' }]);
  const before = (await entriesOf(vault)).length;
  await deleteErased(vault.app.vault, new Date(Date.now() + 8 * DAY_MS));
  expect((await entriesOf(vault)).length).toBe(before);
});

test('two instances at it at once delete once and fail nobody', async () => {
  const ids = await Promise.all(['a', 'b', 'c'].map(erased));
  const later = new Date(Date.now() + 8 * DAY_MS);
  await Promise.all([deleteErased(vault.app.vault, later), deleteErased(vault.app.vault, later)]);
  for (const id of ids) expect(await left(id)).toEqual([0, 0, 0, 1]);
});

test('what an operator has brought back within the seven days stays', async () => {
  const id = await erased('brought back');
  const path = `/data/collections/users/objects/${id}?options=archived&expiration_secs=`;
  expect((await vault.send('PATCH', path, { json: {} })).status).toBe(200);
  await deleteErased(vault.app.vault, new Date(Date.now() + 8 * DAY_MS));
  expect(await left(id)).toEqual([1, 1, 1, 1]);
});
