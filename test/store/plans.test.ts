import { randomBytes } from 'node:crypto';
import { Database } from '../../src/store/database.js';
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
