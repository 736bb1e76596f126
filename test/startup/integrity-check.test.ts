import { catchUp } from '../../src/access-log/projector.js';
import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { until } from '../support/until.js';
import { type TestVault, startVault } from '../support/vault.js';

const AUDIT = '/api/coatcheck/1.0/audit';

let database: TestDatabase;
let vault: TestVault;
let sql: Superuser;
beforeEach(async () => {
  database = await cloneDatabase();
  vault = await startVault({ COATCHECK_AUDIT_CHECK_INTERVAL: '1s' }, database);
  sql = await openSuperuser(database.url);
  for (let n = 0; n < 300; n++) await vault.send('GET', '/ctl/collections');
  await catchUp(vault.app.vault.database);
});
afterEach(async () => {
  await sql.close();
  await vault.close();
  await database.drop();
});

const runs = async (): Promise<string> => {
  const rows = await sql.query<{ at: string }>(
    `select started_at::text as at from job_run where job = 'integrity-check'`,
  );
  return rows[0]?.at ?? '';
};
/** Waits until a check has begun after now and ended: the one behind it has begun. */
async function checkedOnceMore(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const before = await runs();
    await until('a check begins', async () => (await runs()) !== before);
  }
}
const problems = async (): Promise<string[]> => (await vault.send('GET', `${AUDIT}/status`)).body.problems;
const gauge = async (): Promise<string> =>
  /^integrity_problems (\d+)$/m.exec(await (await fetch(`${vault.url}/metrics`)).text())?.[1] ?? '';

test('a projected column, or bytes, changed behind the back of everybody: entry, log line, status and metric, once', async () => {
  const damage = `update access_log_projection set outcome = 'denied' where index = 7`;
  await sql.query(damage);
  await until('the status tells', async () => (await problems()).length > 0);
  const said = 'the access log is wrong at index 7: the projected outcome is not what the entry says';
  expect(await problems()).toEqual([said]);
  expect(await gauge()).toBe('1');
  expect(vault.logged()).toContain('integrity alarm');

  await checkedOnceMore();
  const { body } = await vault.send('GET', `${AUDIT}/entries?operation=integrityAlarm`);
  expect(body.entries).toEqual([
    expect.objectContaining({ outcome: 'failed', rule: said, error_code: 'PV9010' }),
  ]);

  await sql.query(`update access_log_projection set outcome = 'allowed' where index = 7`);
  await until('it is put right', async () => (await problems()).length === 0);
  expect(await gauge()).toBe('0');
}, 60_000);

test('a log that grows under the check raises no alarm', async () => {
  const before = await runs();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let n = 0; n < 200; n++) await vault.send('GET', '/ctl/collections');
    }),
  );
  await until('it was checked', async () => (await runs()) !== before);
  await checkedOnceMore();
  expect(await problems()).toEqual([]);
  expect(vault.logged()).not.toContain('integrity alarm');
}, 60_000);
