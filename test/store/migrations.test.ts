import { readFile, readdir } from 'node:fs/promises';
import pg from 'pg';
import PgBoss from 'pg-boss';
import { MigrationError, migrate, requireMigrated } from '../../src/store/migrations/migrate.js';
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
  await client.query(
    'drop schema public cascade; drop schema keystore cascade; drop schema coatcheck_jobs cascade; create schema public',
  );
  const runs = await Promise.all([1, 2, 3, 4].map(() => migrate(database.url)));
  const all = (await readdir('prisma/migrations', { withFileTypes: true })).filter((each) =>
    each.isDirectory(),
  );
  expect(runs.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 0, all.length]);
  const { rows } = await client.query('select size from access_log_head');
  expect(rows).toEqual([{ size: '0' }]);
});

test('the tables of the queue are those that the pg-boss in use would make', async () => {
  const sql = await readFile('prisma/migrations/20261121110100_add_write_back_queue/migration.sql', 'utf8');
  const plan = PgBoss.getConstructionPlans('coatcheck_jobs');
  const statements = (text: string): string =>
    text
      .slice(text.indexOf('CREATE SCHEMA'))
      .replace(/(COMMIT;|-- At most one)[^]*$/, '')
      .replace(/\s+/g, ' ')
      .replaceAll(' ;', ';')
      .trim();
  expect(statements(sql)).toBe(statements(plan));
});

test('where migrating is left to others, a database that lacks migrations is refused, named and left alone', async () => {
  await expect(requireMigrated(database.url)).resolves.toBeUndefined();
  await client.query(
    'delete from _prisma_migrations where migration_name = (select max(migration_name) from _prisma_migrations)',
  );
  await expect(requireMigrated(database.url)).rejects.toThrow(MigrationError);
  await expect(requireMigrated(database.url)).rejects.toThrow(/lacks 1 .*coatcheck migrate/);
  await client.query('drop schema public cascade; create schema public');
  await expect(requireMigrated(database.url)).rejects.toThrow(/lacks/);
  const { rows } = await client.query(`select to_regclass('vault') as vault`);
  expect(rows).toEqual([{ vault: null }]);
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
  'truncate iam_version',
])('the append-only tables refuse: %s', async (statement) => {
  await expect(client.query(statement)).rejects.toThrow(/append-only/);
});
