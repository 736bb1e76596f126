import pg from 'pg';
import { OperatorError } from '../../src/errors.js';
import { migrate, requireMigrated } from '../../src/store/migrations/migrate.js';
import { requireOwnSession } from '../../src/store/own-session.js';
import { type Pooler, startPooler } from '../support/pooler.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';

let database: TestDatabase;
let pooler: Pooler | undefined;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterEach(async () => {
  await pooler?.close();
  pooler = undefined;
});
afterAll(() => database.drop());

test('no vault starts behind a pooler of transactions, whether it migrates or not, and the message says what to name instead', async () => {
  pooler = await startPooler(database.url, 'transaction');
  await expect(migrate(pooler.url)).rejects.toThrow(OperatorError);
  await expect(requireMigrated(pooler.url)).rejects.toThrow(/^DATABASE_URL .* pool_mode = session\.$/);
});

test('it is told also when others use the sessions of the pooler at the same time', async () => {
  const { url } = (pooler = await startPooler(database.url, 'transaction'));
  let done = false;
  const others = Array.from({ length: 4 }, async () => {
    const client = await connect(url);
    while (!done) await client.query('begin; select pg_sleep(0.001); commit');
    await client.end();
  });
  for (let i = 0; i < 5; i++) await expect(look(url)).rejects.toThrow(OperatorError);
  done = true;
  await Promise.all(others);
});

test('a connection of its own is enough, and so is a session for as long as the connection', async () => {
  await expect(look(database.url)).resolves.toBeUndefined();
  pooler = await startPooler(database.url, 'session');
  await expect(look(pooler.url)).resolves.toBeUndefined();
});

async function look(url: string): Promise<void> {
  const client = await connect(url);
  try {
    await requireOwnSession(client, url);
  } finally {
    await client.end();
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
