import { claimRun } from '../../src/store/job-runs.js';
import { addCollection, addObject, fieldsOf, sql, tokenize } from '../support/steps.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { until } from '../support/until.js';
import { type TestVault, startVault } from '../support/vault.js';

let database: TestDatabase;
let a: TestVault;
let b: TestVault;
const EVERY_SECOND = { COATCHECK_SERVICE_ARCHIVE_PRUNE_INTERVAL: '1s', COATCHECK_DB_GC_BATCH_SIZE: '5' };

beforeEach(async () => {
  database = await cloneDatabase();
});
afterEach(() => database.drop());

const left = async (vault: TestVault): Promise<number> =>
  (
    (await sql(vault, 'select count(*)::int as n from object where expires_at is not null')) as {
      n: number;
    }[]
  )[0]!.n;
const archive = (vault: TestVault, ids: readonly string[]): Promise<unknown> =>
  sql(vault, `update object set expires_at = now() - interval '31 days' where id = any($1)`, [ids]);

interface Entry {
  user: string;
  operation: string;
  objects: string[];
  rule?: string;
  reason?: string;
  outcome: string;
}
const entries = async (vault: TestVault): Promise<Entry[]> =>
  (await vault.send('GET', '/api/coatcheck/1.0/audit/entries?user=archive-prune&limit=1000')).body
    .entries as Entry[];

test('two instances remove what was archived long ago, each item once, and say so as the system', async () => {
  a = await startVault(EVERY_SECOND, database);
  b = await startVault(EVERY_SECOND, database);
  try {
    await addCollection(a);
    const active = await addObject(a, { name: 'Active' });
    const ids: string[] = [];
    for (let i = 0; i < 23; i++) ids.push(await addObject(a, { name: `N${i}` }));
    await tokenize(a, { object: { id: ids[0] } });
    await archive(a, ids);
    await until('all are gone', async () => (await left(a)) === 0);

    const written = await entries(a);
    expect(written.flatMap(({ objects }) => objects).sort()).toEqual([...ids].sort());
    for (const entry of written) {
      expect(entry).toMatchObject({
        operation: 'garbageCollection',
        reason: 'Maintenance',
        outcome: 'allowed',
      });
    }
    expect(await fieldsOf(b, active)).toEqual({ name: 'Active' });
    expect(await sql(a, 'select 1 from token')).toEqual([]);
  } finally {
    await a.close();
    await b.close();
  }
}, 60_000);

test('a run that finds nothing leaves no entry, and by default there are no runs', async () => {
  a = await startVault({}, database);
  await addCollection(a);
  const id = await addObject(a, { name: 'Ann' });
  await archive(a, [id]);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect([await left(a), await sql(a, 'select 1 from job_run')]).toEqual([1, []]);
  await a.close();

  b = await startVault({ ...EVERY_SECOND, COATCHECK_DB_GC_RETENTION_PERIOD: '2400h' }, database);
  await until('there was a run', async () => (await sql(b, 'select 1 from job_run')).length === 1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([await left(b), await entries(b)]).toEqual([1, []]);
  await b.close();
});

test('a vault that stops ends the run after the batch that is under way', async () => {
  a = await startVault(EVERY_SECOND, database);
  await addCollection(a);
  await sql(
    a,
    `insert into object (collection_id, id, tenant, revision, sealed, expires_at, created_at, modified_at)
     select (select id from collection), gen_random_uuid(), '', 1, '', now() - interval '31 days', now(), now()
       from generate_series(1, 5000)`,
  );
  await until('it is at it', async () => (await left(a)) < 5000);
  await a.close();
  const remaining = await left(a);
  expect(remaining).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await left(a)).toBe(remaining);
});

test('of many who ask for the same run one gets it, and the next only when the interval is over', async () => {
  a = await startVault({}, database);
  const ask = async (seconds: number): Promise<number> => {
    const claims = Array.from({ length: 16 }, () => claimRun(a.app.vault.database, 'job', seconds));
    return (await Promise.all(claims)).filter(Boolean).length;
  };
  expect(await ask(3_600)).toBe(1);
  expect(await ask(3_600)).toBe(0);
  await sql(a, `update job_run set started_at = now() - interval '2 hours'`);
  expect(await ask(3_600)).toBe(1);
  await a.close();
});
