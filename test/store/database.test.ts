import { Database } from '../../src/store/database.js';
import { openSuperuser } from '../support/superuser.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { until } from '../support/until.js';

let place: TestDatabase;
beforeAll(async () => {
  place = await cloneDatabase();
});
afterAll(() => place.drop());

/** Cuts all connections but its own, as a server does that stops. */
const CUT = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;

test('a connection that breaks is told of, unless that is what the vault is about', async () => {
  const sql = await openSuperuser(place.url);
  let broken = 0;
  const database = new Database({
    ...{ url: place.url, poolSize: 4, statementTimeoutMs: 5_000, lockTimeoutMs: 5_000 },
    onConnectionError: () => broken++,
  });
  const open = (): Promise<unknown> =>
    Promise.all(
      Array.from({ length: 4 }, () => database.run({ name: '', text: 'select pg_sleep(0.05)', values: [] })),
    );
  await open();
  await sql.query(CUT);
  await until('each was told of', () => broken === 4);

  const isOpen = (): Promise<boolean> =>
    open().then(
      () => true,
      () => false,
    );
  await until('all are replaced', isOpen);
  const before = broken;
  await Promise.all([sql.query(CUT), database.close()]);
  await sql.close();
  expect(broken).toBe(before);
});

test('what is ended for a deadlock is run again, and nothing of it is there twice', async () => {
  const database = new Database({
    ...{ url: place.url, poolSize: 2, statementTimeoutMs: 5_000, lockTimeoutMs: 5_000 },
    onConnectionError: () => undefined,
  });
  const run = (text: string) => database.run({ name: '', text, values: [] });
  await run('create table pair as select n, 0 as count from generate_series(1, 2) n');
  const add = (n: number) => ({
    ...{ name: '', mustReturn: 1, values: [] },
    text: `update pair set count = count + 1 where n = ${n} returning n, pg_sleep(0.1)`,
  });
  await Promise.all([database.commit([add(1), add(2)]), database.commit([add(2), add(1)])]);
  expect(await run('select count from pair')).toEqual([{ count: 2 }, { count: 2 }]);
  await database.close();
});
