import { randomBytes } from 'node:crypto';
import { Database } from '../../src/store/database.js';
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

test('a look-up of one token is planned once and for all, although PostgreSQL could count that it is one', async () => {
  for (let i = 0; i < 9; i++) await findOneOfEach(database, 1, [randomBytes(16)], 'active', null);
  const plans = await database.run({
    name: 'plans',
    text: `select generic_plans as generic, custom_plans as custom from pg_prepared_statements
            where name = 'token-one-by-hash-active'`,
    values: [],
  });
  // It tries five times what a plan for the parameters would cost.
  expect(plans).toEqual([{ generic: '4', custom: '5' }]);
});
