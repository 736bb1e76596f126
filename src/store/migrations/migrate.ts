import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { OperatorError } from '../../errors.js';
import { translated } from '../database-errors.js';
import { requireOwnSession } from '../own-session.js';
import { openSchemaEngine } from './schema-engine.js';

/** `prisma/migrations`, seen from `src/store/migrations` as from `dist/store/migrations`. */
const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** Any constant; all instances of the vault use the same one, so that one migrates and the others wait. */
const MIGRATION_LOCK = 0x636f6174;

/** The database cannot be brought to this program's version; the message says what to do. */
export class MigrationError extends OperatorError {
  override readonly name = 'MigrationError';
}

/**
 * Brings the database to the version this program was built for, once however many instances start together. Throws
 * {@link MigrationError} for a database that is newer than the program or was left half migrated, PV1010 for one out of reach, and refuses one
 * behind a pooler of transactions.
 */
export async function migrate(databaseUrl: string): Promise<{ applied: string[] }> {
  return onOwnSession(databaseUrl, async (client) => {
    // Held by the session: it is gone with the connection, however this process ends.
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const wanted = await migrationNames();
    const pending = pendingMigrations(wanted, await appliedMigrations(client));
    if (pending.length > 0) await apply(databaseUrl, wanted);
    return { applied: pending };
  });
}

/** Throws {@link MigrationError} where the database is not at the version this program was built for, and changes nothing. */
export async function requireMigrated(databaseUrl: string): Promise<void> {
  return onOwnSession(databaseUrl, async (client) => {
    const pending = pendingMigrations(await migrationNames(), await appliedMigrations(client));
    if (pending.length === 0) return;
    throw new MigrationError(
      `The database lacks ${pending.length} of this program's migrations, from ${pending[0]!} on, and db.migration_auto_run is off: run \`coatcheck migrate\`.`,
    );
  });
}

/** Works on a connection of its own, after making sure that the session it leads to is its own, too. */
async function onOwnSession<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await translated(() => client.connect());
  try {
    await requireOwnSession(client, databaseUrl);
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The newest migration of this program as a number, for `db_schema_version`. */
export async function schemaVersion(): Promise<number> {
  return Number((await migrationNames()).at(-1)!.slice(0, 14));
}

interface AppliedMigration {
  readonly name: string;
  readonly finished: boolean;
}

async function appliedMigrations(client: pg.Client): Promise<AppliedMigration[]> {
  const table = await client.query<{ there: boolean }>(
    `select to_regclass('_prisma_migrations') is not null as there`,
  );
  if (!table.rows[0]!.there) return [];
  const { rows } = await client.query<AppliedMigration>(
    `select migration_name as name, finished_at is not null as finished
       from _prisma_migrations where rolled_back_at is null order by migration_name`,
  );
  return rows;
}

function pendingMigrations(wanted: readonly string[], applied: readonly AppliedMigration[]): string[] {
  const unknown = applied.find(({ name }) => !wanted.includes(name));
  if (unknown) {
    throw new MigrationError(
      `The database is newer than this program: it has the migration ${unknown.name}, which this version does not know. ` +
        'Start the version that made it, or a newer one.',
    );
  }
  const broken = applied.find(({ finished }) => !finished);
  if (broken) {
    throw new MigrationError(
      `The migration ${broken.name} did not finish. Restore the backup from before it, or repair the database and mark it in _prisma_migrations.`,
    );
  }
  return wanted.filter((name) => !applied.some((migration) => migration.name === name));
}

async function apply(databaseUrl: string, names: readonly string[]): Promise<void> {
  const { engine, close } = await openSchemaEngine(databaseUrl);
  try {
    await engine.applyMigrations({
      migrationsList: {
        baseDir: MIGRATIONS,
        lockfile: {
          path: 'migration_lock.toml',
          content: await readFile(join(MIGRATIONS, 'migration_lock.toml'), 'utf8'),
        },
        shadowDbInitScript: '',
        migrationDirectories: await Promise.all(
          names.map(async (path) => ({
            path,
            migrationFile: {
              path: 'migration.sql',
              content: {
                tag: 'ok' as const,
                value: await readFile(join(MIGRATIONS, path, 'migration.sql'), 'utf8'),
              },
            },
          })),
        ),
      },
      filters: { externalTables: [], externalEnums: [] },
    });
  } finally {
    await close();
  }
}

async function migrationNames(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
