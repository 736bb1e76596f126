import { setClients } from '../../support/iam.js';
import { addCollection, refused, sql } from '../../support/steps.js';
import { type TestDatabase, cloneDatabase } from '../../support/test-postgres.js';
import { until } from '../../support/until.js';
import { type TestVault, startVault } from '../../support/vault.js';

const PATH = '/ctl/info/cluster';
interface Cluster {
  vault: { generation_number: number; modified_at: string };
  workers: {
    worker_id: number;
    generation_number: number;
    generation_checked_at: string;
    priority: number;
  }[];
}
const cluster = async (vault: TestVault): Promise<Cluster> => (await vault.send('GET', PATH)).body as Cluster;

let database: TestDatabase;
let a: TestVault;
let b: TestVault;
beforeAll(async () => {
  database = await cloneDatabase();
  a = await startVault({}, database);
  b = await startVault({ COATCHECK_SERVICE_WORKER_PRIORITY: '7' }, database);
});
afterAll(async () => {
  await a.close();
  await b.close();
  await database.drop();
});

test('200: every instance is listed, by whichever is asked', async () => {
  const seen = await cluster(a);
  expect((await cluster(b)).workers.map(({ worker_id }) => worker_id)).toEqual(
    seen.workers.map(({ worker_id }) => worker_id),
  );
  expect(new Set(seen.workers.map(({ worker_id }) => worker_id)).size).toBe(2);
  expect(seen.workers.map(({ priority }) => priority)).toEqual([0, 7]);
  for (const worker of seen.workers) {
    expect(worker).toMatchObject({ refresh_interval_seconds: 5, component: 'data' });
    expect(Date.now() - Date.parse(worker.generation_checked_at)).toBeLessThan(15_000);
  }
});

test('200: a change raises the generation and says when, and every instance comes to it', async () => {
  const before = await cluster(a);
  await addCollection(a);
  const after = await cluster(a);
  expect(after.vault.generation_number).toBeGreaterThan(before.vault.generation_number);
  expect(Date.parse(after.vault.modified_at)).toBeGreaterThan(Date.parse(before.vault.modified_at));
  await until('both have seen it', async () =>
    (await cluster(b)).workers.every(
      ({ generation_number }) => generation_number >= after.vault.generation_number,
    ),
  );
});

test('an instance that stops is gone at once', async () => {
  const c = await startVault({}, database);
  expect((await cluster(a)).workers).toHaveLength(3);
  await c.close();
  expect((await cluster(a)).workers).toHaveLength(2);
});

test('one that died is not listed, its row vanishes, and one that was only slow comes back under a new id', async () => {
  await sql(
    a,
    `insert into instance (generation, checked_at, refresh_interval_seconds, priority) values (1, now() - interval '1 minute', 5, 0)`,
  );
  const [slow, ...others] = (await cluster(a)).workers;
  expect(others).toHaveLength(1);
  await sql(a, 'delete from instance where worker_id = $1', [slow!.worker_id]);
  await until('one row is gone and one is back', async () => {
    const [row] = (await sql(a, 'select count(*)::int as n from instance')) as { n: number }[];
    return row!.n === 2 && (await cluster(a)).workers.length === 2;
  });
  expect((await cluster(a)).workers.map(({ worker_id }) => worker_id)).not.toContain(slow!.worker_id);
});

test('403: only with the capability, PV1007; 401: not without a key', async () => {
  const keys = await setClients(a, [
    { name: 'reader', capabilities: ['CapClusterInfoReader'] },
    { name: 'info', capabilities: ['CapInfoReader'] },
  ]);
  expect((await a.send('GET', PATH, { key: keys.reader! })).status).toBe(200);
  expect(refused(await a.send('GET', PATH, { key: keys.info! }))).toBe('403 PV1007');
  expect(refused(await a.send('GET', PATH, { key: null }))).toBe('401 PV1005');
});
