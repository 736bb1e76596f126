import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/store/embedded/index.js';

/** The database that holds all tables and no rows; every test file works on a copy of its own. */
const TEMPLATE = 'coatcheck_template';

/** Lets the kernel copy the template's files, where the server knows how (PostgreSQL 18). */
const FAST_COPY = `select set_config(name, 'clone', false) from pg_settings where name = 'file_copy_method'`;

/** A database of one test file. */
export interface TestDatabase {
  url: string;
  /** Removes it, cutting whoever is still connected. */
  drop(): Promise<void>;
}

/** The server of this test run, started by global-setup.ts. */
function testServerUrl(): string {
  const url = process.env.COATCHECK_TEST_POSTGRES;
  if (url === undefined)
    throw new Error('No test server: jest.config.js must name test/support/global-setup.ts.');
  return url;
}

/** Copies the template, in about a tenth of a second. Nobody may be connected to the template meanwhile. */
export async function cloneDatabase(template = TEMPLATE): Promise<TestDatabase> {
  const server = testServerUrl();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await runOn(server, FAST_COPY, `create database ${name} template ${template} strategy file_copy`);
  return {
    url: urlOf(server, name),
    drop: () => runOn(server, `drop database if exists ${name} with (force)`),
  };
}

/**
 * Makes the template anew and lets `migrate` fill it. Called by global-setup.ts, which imports by name at run time.
 * @public
 */
export async function createTemplate(
  server: string,
  migrate: (databaseUrl: string) => Promise<void>,
  template = TEMPLATE,
): Promise<void> {
  await dropTemplate(server, template);
  await runOn(server, `create database ${template} template template0`);
  await migrate(urlOf(server, template));
}

/** Removes the template of this run. */
async function dropTemplate(server: string, template = TEMPLATE): Promise<void> {
  await runOn(server, `drop database if exists ${template} with (force)`);
}

/** A whole PostgreSQL for a test that kills, breaks or fills one. */
export interface OwnPostgres {
  postgres: EmbeddedPostgres;
  dataDir: string;
  /** Stops it and removes its directory. */
  remove(): Promise<void>;
}

/** Starts a server in a fresh temporary directory; durable like the product's unless the caller says it need not be. */
export async function startOwnPostgres({ durable = true, parent = os.tmpdir() } = {}): Promise<OwnPostgres> {
  const directory = mkdtempSync(path.join(parent, `coatcheck-test-${process.pid}-`));
  const dataDir = path.join(directory, 'data');
  try {
    const postgres = await startEmbeddedPostgres({ dataDir, dangerouslyNotDurable: !durable });
    const remove = async (): Promise<void> => {
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    };
    return { postgres, dataDir, remove };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** The same server, another database. */
export function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs statements on a connection of their own. */
async function runOn(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
