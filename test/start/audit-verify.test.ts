import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type TestVault, startVault } from '../support/vault.js';
import { cleanUp, run } from './coatcheck-process.js';

let vault: TestVault;
let sql: Superuser;
beforeAll(async () => {
  vault = await startVault();
  sql = await openSuperuser(vault.database.url);
  for (let n = 0; n < 12; n++) await vault.send('GET', '/ctl/collections?custom_audit=x');
  await vault.send('GET', '/api/coatcheck/1.0/audit/entries');
});
afterAll(async () => {
  await cleanUp();
  await sql?.close();
  await vault?.close();
});

const verify = () => run(['audit', 'verify'], { DATABASE_URL: vault.database.url });

test('an intact log: status 0, its size and its root; no root key is needed', async () => {
  const { code, stdout, stderr } = await verify();
  expect([code, stdout, stderr]).toEqual([
    0,
    expect.stringMatching(/^The access log is intact: 13 entries, root [0-9a-f]{64}\n$/),
    '',
  ]);
});

test('a database without a vault: status 1, and what to look at', async () => {
  const empty = new URL(vault.database.url);
  empty.pathname = '/postgres';
  const { code, stdout, stderr } = await run(['audit', 'verify'], { DATABASE_URL: empty.href });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toBe(
    'The database has no vault of this version in it. It is the one that the settings name. Where it is the right one, run `coatcheck migrate`.\n',
  );
});

test.each<[string, string, string, string]>([
  [
    'an edited entry',
    `update access_log set bytes = overlay(bytes placing 'X' from 20) where index = 4`,
    `update access_log set bytes = saved.bytes from saved where saved.index = access_log.index`,
    'index 4: the bytes do not have the stored leaf hash',
  ],
  [
    'a removed entry',
    'delete from access_log where index = 7',
    'insert into access_log select * from saved where index = 7',
    'index 7: the entry is missing',
  ],
  [
    'an edited projection',
    `update access_log_projection set outcome = 'denied' where index = 2`,
    `update access_log_projection set outcome = 'allowed' where index = 2`,
    'index 2: the projected outcome',
  ],
])('%s: status 1 and the index', async (_name, tamper, mend, said) => {
  await sql.query('drop table if exists saved');
  await sql.query('create table saved as table access_log');
  await sql.query(tamper);
  const { code, stdout, stderr } = await verify();
  await sql.query(mend);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(`The access log is WRONG at ${said}`);
});

test('an edited projection is made anew from the log, while the vault runs', async () => {
  await sql.query(`update access_log_projection set "user" = 'nobody'`);
  const { code, stdout } = await run(['audit', 'rebuild'], { DATABASE_URL: vault.database.url });
  expect([code, stdout]).toEqual([0, 'The projection was made anew: 13 entries\n']);
  expect((await verify()).code).toBe(0);
});
