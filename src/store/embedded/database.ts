import pg from 'pg';
import { EmbeddedPostgresError } from './errors.js';
import type { Layout } from './layout.js';
import { DATABASE, databaseUrl } from './password.js';

/** Makes the vault's database if it is not there, which also proves that the server accepts our password. */
export async function ensureDatabase(layout: Layout, port: number, password: string): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl(port, password, 'postgres'),
    connectionTimeoutMillis: 10_000,
  });
  // Without a listener, a connection that breaks would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `PostgreSQL in ${layout.cluster} runs but does not let us in: ${(error as Error).message}`,
    );
  } finally {
    await client.end();
  }
}
