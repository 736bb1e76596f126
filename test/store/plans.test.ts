import { randomBytes, randomUUID } from 'node:crypto';
import { Database } from '../../src/store/database.js';
import { findSubjects } from '../../src/store/find-idp-subjects.js';
import { findByIndex } from '../../src/store/objects/find-by-index.js';
import { insertTokens } from '../../src/store/tokens/change-tokens.js';
import { findOneOfEach } from '../../src/store/tokens/find-tokens.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';

let copy: TestDatabase;
let database: Database;
beforeAll(async () => {
  copy = await cloneDatabase();
  database = new Database({
    ...{ url: copy.url, poolSize: 1, statementTimeoutMs: 10_000, lockTimeoutMs: 1_000 },
    onConnectionError: () => undefined,
  });
});
afterAll(async () => {
  await database.close();
  await copy.drop();
});

test.each([
  ['token-one-by-hash-active', () => findOneOfEach(database, 1, [randomBytes(16)], 'active', null)],
  [
    'object-by-index-active',
    () => findByIndex(database, 1, 'active', { property: 1, value: randomBytes(16) }),
  ],
  ['token-insert', () => database.run(insertTokens([]))],
])('%s is planned once and for all, although PostgreSQL could count what it is given', async (name, run) => {
  for (let i = 0; i < 9; i++) await run();
  const plans = await database.run({
    name: 'plans',
    text: `select generic_plans as generic, custom_plans as custom from pg_prepared_statements where name = $1`,
    values: [name],
  });
  // It tries five times what a plan for the parameters would cost.
  expect(plans).toEqual([{ generic: '4', custom: '5' }]);
});

test('subjects are looked up by their keys, also where the statement was planned before there were any', async () => {
  const subject = {
    ...{ collection: 1, hashes: [randomBytes(16)], claimed: [], tenant: '' },
    ...{ derivedId: randomUUID(), adopt: null },
  };
  await findSubjects(database, [subject, subject]);
  await database.run({ name: 'generic', text: 'set plan_cache_mode = force_generic_plan', values: [] });
  const none = Array(7).fill(`'{}'`).join(', ');
  const plan = await database.run<{ 'QUERY PLAN': string }>({
    name: 'explain',
    text: `explain execute "idp-subjects-find" (${none})`,
    values: [],
  });
  const steps = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(steps).toContain('Index Scan using object_key_pkey on object_key');
  expect(steps).not.toMatch(/Seq Scan|Bitmap Heap Scan/);
});
