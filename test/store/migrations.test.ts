import pg from 'pg';
import { MigrationError, migrate } from '../../src/store/migrations/migrate.js';
import { Prisma, PrismaClient } from '../../src/generated/prisma/client.js';
import { PrismaPg } from '@prisma/adapter-pg';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';

let database: TestDatabase;
let client: pg.Client;

beforeEach(async () => {
  database = await cloneDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

afterEach(async () => {
  await client.end();
  await database.drop();
});

test('migrating a database that is up to date changes nothing', async () => {
  expect(await migrate(database.url)).toEqual({ applied: [] });
});

test('an empty database is migrated once however many instances start together', async () => {
  await client.query('drop schema public cascade; drop schema keystore cascade; create schema public');
  const runs = await Promise.all([1, 2, 3, 4].map(() => migrate(database.url)));
  expect(runs.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
  const { rows } = await client.query('select size from access_log_head');
  expect(rows).toEqual([{ size: '0' }]);
});

test('a database newer than the program is refused with a message that says so', async () => {
  await client.query(
    `insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     values ('x', 'x', '29990101000000_later', now(), now(), 1)`,
  );
  await expect(migrate(database.url)).rejects.toThrow(MigrationError);
  await expect(migrate(database.url)).rejects.toThrow(/newer than this program.*29990101000000_later/);
});

test('a migration that did not finish is refused instead of being run over', async () => {
  await client.query('update _prisma_migrations set finished_at = null');
  await expect(migrate(database.url)).rejects.toThrow(/did not finish/);
});

test('the tables of the migrations are those of schema.prisma, column by column', async () => {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url }) });
  try {
    const models = Object.keys(Prisma.ModelName);
    expect(models.length).toBeGreaterThan(15);
    for (const model of models) {
      const delegate = model[0]!.toLowerCase() + model.slice(1);
      // Reads every column that the schema declares; one that is missing or of another type throws.
      await (prisma as unknown as Record<string, { findMany(): Promise<unknown> }>)[delegate]!.findMany();
    }
  } finally {
    await prisma.$disconnect();
  }
});

test.each([
  'update access_log set leaf = leaf',
  'delete from access_log',
  'truncate access_log',
  'delete from iam_version',
])('the append-only tables refuse: %s', async (statement) => {
  await expect(client.query(statement)).rejects.toThrow(/append-only/);
});
