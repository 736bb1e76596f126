import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import {
  findEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../src/store/embedded/index.js';
import { cleanUp, newDataDir } from './vault-process.js';

/** A value that must not be found anywhere outside the database. */
const CANARY = '123-12-1234';

let dataDir: string;
let postgres: EmbeddedPostgres;
let client: pg.Client;

beforeAll(async () => {
  dataDir = newDataDir();
  postgres = await startEmbeddedPostgres({ dataDir });
  client = new pg.Client(postgres.url);
  client.on('error', () => undefined);
  await client.connect();
});

afterAll(async () => {
  await postgres?.stop();
  await cleanUp();
});

/** The mode bits of a file of the data directory. */
function mode(name: string): string {
  return (statSync(path.join(dataDir, name)).mode & 0o777).toString(8);
}

/** One setting of the server. */
async function setting(name: string): Promise<string> {
  const { rows } = await client.query('select current_setting($1) as value', [name]);
  return rows[0].value;
}

test('nobody else can read the data directory, the password, the cluster or the log', () => {
  expect(mode('.')).toBe('700');
  expect(mode('postgres')).toBe('700');
  expect(mode('postgres-password')).toBe('600');
  expect(mode('postgres-lock')).toBe('600');
  expect(mode('postgres.log')).toBe('600');
  // The note of a program copy is there only where the checkout lies out of PostgreSQL's reach.
  const files = readdirSync(dataDir).filter((name) => name !== 'postgres-program-copy');
  expect(files.sort()).toEqual(['postgres', 'postgres-lock', 'postgres-password', 'postgres.log']);
});

test.each([
  ['server_version_num', /^18\d{4}$/],
  ['fsync', /^on$/],
  ['full_page_writes', /^on$/],
  ['synchronous_commit', /^on$/],
  ['wal_log_hints', /^on$/],
  ['data_checksums', /^on$/],
  ['server_encoding', /^UTF8$/],
  ['password_encryption', /^scram-sha-256$/],
  ['listen_addresses', /^127\.0\.0\.1$/],
  ['unix_socket_directories', /^$/],
  ['log_min_messages', /^log$/],
  ['log_min_error_statement', /^panic$/],
  ['log_error_verbosity', /^terse$/],
  ['log_statement', /^none$/],
  ['log_parameter_max_length', /^0$/],
  ['log_parameter_max_length_on_error', /^0$/],
  ['max_connections', /^100$/],
  ['shared_buffers', /^128MB$/],
  ['jit', /^off$/],
])('%s is %s', async (name, expected) => {
  expect(await setting(name)).toMatch(expected);
});

test('text sorts by code point, whatever the machine is set to', async () => {
  const { rows } = await client.query(
    "select string_agg(x, '' order by x) as sorted from unnest('{b,B,a,ä,A}'::text[]) x",
  );
  expect(rows[0].sorted).toBe('ABabä');
});

test('the password is needed, is random and is not the same in two data directories', async () => {
  const url = new URL(postgres.url);
  expect(url.password).toMatch(/^[\w-]{32}$/);
  expect(`${url.password}\n`).toBe(readFileSync(path.join(dataDir, 'postgres-password'), 'utf8'));
  url.password = 'wrong';
  await expect(new pg.Client(url.href).connect()).rejects.toThrow(/password authentication failed/);
});

test("PostgreSQL inherits nothing of the vault's environment, where the root key may be", async () => {
  await client.query("create temporary table environment (line text); copy environment from program 'env'");
  const { rows } = await client.query("select split_part(line, '=', 1) as name from environment");
  const names: string[] = rows.map((row) => row.name);
  expect(names).toContain('PATH');
  expect(names.filter((name) => !/^(PATH|TMP|TEMP|LC_\w+|TZ|PG\w+|PWD|OLDPWD|SHLVL|_)$/.test(name))).toEqual(
    [],
  );
});

test('errors, crashed backends and slow statements leave no value in the log', async () => {
  await client.query('create table people (ssn text unique, age integer)');
  await client.query('insert into people values ($1, 1)', [CANARY]);
  await expect(client.query('insert into people values ($1, 2)', [CANARY])).rejects.toThrow(/duplicate key/);
  await expect(client.query(`select '${CANARY}'::integer`)).rejects.toThrow(CANARY);
  await expect(client.query('insert into people (age) values ($1)', [CANARY])).rejects.toThrow(CANARY);
  await client.query(`do $$ begin raise warning '${CANARY}'; end $$`);

  const victim = new pg.Client(postgres.url);
  victim.on('error', () => undefined);
  await victim.connect();
  const { rows } = await victim.query('select pg_backend_pid() as pid');
  const running = expect(victim.query(`select pg_sleep(30), '${CANARY}'`)).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 200));
  process.kill(rows[0].pid, 'SIGKILL');
  await running;

  await new Promise((resolve) => setTimeout(resolve, 200));
  const log = readFileSync(path.join(dataDir, 'postgres.log'), 'utf8');
  expect(log).toMatch(/was terminated by signal 9/);
  expect(log).not.toContain(CANARY);
});

test('a command finds the running server by its data directory, and none after the stop', async () => {
  expect(await findEmbeddedPostgres(dataDir)).toEqual({ url: postgres.url });
  await postgres.stop();
  expect(await findEmbeddedPostgres(dataDir)).toBeNull();
  expect(await findEmbeddedPostgres(path.join(dataDir, 'nothing-here'))).toBeNull();
  expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres-password', 'postgres.log']);
});

test('a second start has the same rows and password', async () => {
  const again = await startEmbeddedPostgres({ dataDir });
  try {
    expect(new URL(again.url).password).toBe(new URL(postgres.url).password);
    client = new pg.Client(again.url);
    await client.connect();
    expect((await client.query('select ssn from people')).rows).toEqual([{ ssn: CANARY }]);
    await client.end();
  } finally {
    await again.stop();
  }
});
