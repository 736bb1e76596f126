import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { type OwnPostgres, startOwnPostgres, urlOf } from '../support/test-postgres.js';
import { until } from '../support/until.js';
import { type Answer, type Sent, send } from '../support/vault.js';
import { Coatcheck, cleanUp, newDataDir, run } from './coatcheck-process.js';

const ADMIN = `Operator1${randomBytes(8).toString('hex')}`;
const ROOT_KEY = randomBytes(32).toString('hex');

let server: OwnPostgres;
let admin: pg.Client;
beforeAll(async () => {
  server = await startOwnPostgres();
  admin = new pg.Client({ connectionString: urlOf(server.postgres.url, 'postgres') });
  admin.on('error', () => undefined);
  await admin.connect();
});
afterAll(async () => {
  await cleanUp();
  await admin?.end();
  await server?.remove();
});

/** An empty database. */
async function newDatabase(): Promise<string> {
  const name = `db_${randomBytes(6).toString('hex')}`;
  await admin.query(`create database ${name} template template0`);
  return urlOf(server.postgres.url, name);
}

async function query(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const settings = (url: string, env: Record<string, string> = {}): Record<string, string> => ({
  DATABASE_URL: url,
  COATCHECK_KMS_KEY: ROOT_KEY,
  COATCHECK_SERVICE_ADMIN_API_KEY: ADMIN,
  ...env,
});
const serve = (url: string, env: Record<string, string> = {}): Coatcheck =>
  new Coatcheck(['serve'], settings(url, env));
const ask = (url: string, method: string, target: string, sent: Sent = {}): Promise<Answer> =>
  send(url, method, target, { key: ADMIN, ...sent });

/** The lines with which a start was refused. */
async function refusal(command: 'serve' | 'dev', env: Record<string, string>): Promise<string[]> {
  const { code, stdout, stderr } = await run([command], env);
  expect([code, stdout]).toEqual([1, '']);
  return stderr.trim().split('\n');
}

test('everything that stands against production is said at once', async () => {
  expect(
    await refusal('serve', { COATCHECK_SERVICE_LISTEN_ADDR: '0.0.0.0:0', COATCHECK_TLS_ENABLE: 'false' }),
  ).toEqual([
    expect.stringContaining('DATABASE_URL is not set'),
    expect.stringContaining('Neither COATCHECK_KMS_KEY_FILE nor COATCHECK_KMS_KEY is set'),
    expect.stringContaining('COATCHECK_SERVICE_ADMIN_API_KEY needs at least 15 characters'),
    expect.stringContaining('Plain HTTP is served on loopback only'),
  ]);
});

test('settings of an existing deployment that do nothing here are named in the log, unknown ones as such, without their texts', async () => {
  const { stdout } = await run(['serve'], {
    PVAULT_SENTRY_ENABLE: 'canary',
    PVAULT_LOG_AUDIT_ENABLE: 'false',
    PVAULT_SENTRY_ENABEL: 'canary',
    PVAULT_LOG_CUSTOMER_ENV: 'staging',
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'info',
      message: 'accepted, without effect',
      variables: ['PVAULT_LOG_AUDIT_ENABLE', 'PVAULT_SENTRY_ENABLE'],
      customer_env: 'staging',
    }),
    expect.objectContaining({
      level: 'warn',
      message: 'unknown, without effect',
      variables: ['PVAULT_SENTRY_ENABEL'],
    }),
  ]);
  expect(stdout).not.toContain('canary');

  const elsewhere = await run(['serve'], { PVAULT_SENTRY_ENABLE: 'true', PVAULT_LOG_DESTINATION: 'stderr' });
  expect([elsewhere.stdout, elsewhere.stderr.includes('accepted, without effect')]).toEqual(['', true]);
});

test('what stands against it in the settings and in the database is said together', async () => {
  const url = await newDatabase();
  const name = new URL(url).pathname.slice(1);
  await admin.query(`alter database ${name} set synchronous_commit = off`);
  const lines = await refusal(
    'serve',
    settings(url, {
      COATCHECK_SERVICE_ADMIN_API_KEY: 'pvaultauth',
      COATCHECK_TLS_ENABLE: 'true',
      COATCHECK_KMS_KEY_FILE: '/x',
    }),
  );
  expect(lines).toEqual([
    expect.stringContaining('COATCHECK_SERVICE_ADMIN_API_KEY needs at least 15'),
    expect.stringContaining('are both set'),
    expect.stringContaining('COATCHECK_TLS_ENABLE needs'),
    expect.stringContaining('synchronous_commit=off: an acknowledged write could be lost'),
  ]);
});

test('a database out of reach is said without its password, by every command', async () => {
  const url = 'postgres://vault:the-secret@127.0.0.1:1/vault';
  for (const command of [['serve'], ['migrate'], ['audit', 'verify']]) {
    const { code, stderr } = await run(command, settings(url));
    expect([command, code, stderr]).toEqual([command, 1, expect.stringMatching(/cannot be reached/)]);
    expect(stderr).not.toContain('the-secret');
    expect(stderr).not.toMatch(/\n +at /);
  }
});

test('with COATCHECK_KMS_KEY alone it serves, refuses the key that everybody knows, and opens its data again; another key is found at start', async () => {
  const url = await newDatabase();
  const vault = serve(url);
  const base = await vault.ready();
  expect(vault.stdout).not.toContain(ADMIN);
  expect((await send(base, 'GET', '/ctl/collections')).status).toBe(401);
  await ask(base, 'POST', '/ctl/collections', {
    raw: 'people PERSONS ( ssn SSN )',
    type: 'application/pvschema',
  });
  const { body } = await ask(base, 'POST', '/data/collections/people/objects', {
    json: { ssn: '078-05-1120' },
  });
  expect(body.id).toBeDefined();
  expect(await vault.stop('SIGTERM')).toBe(0);

  const other = randomBytes(32).toString('hex');
  const lines = await refusal('serve', settings(url, { COATCHECK_KMS_KEY: other }));
  expect(lines).toEqual([expect.stringMatching(/^Wrong root key/)]);
  expect(lines.join()).not.toContain(other);

  // Development would open the door of a vault in production.
  expect(await refusal('dev', settings(url))).toEqual([
    expect.stringMatching(/belongs to a vault in production/),
  ]);

  const again = serve(url, { COATCHECK_SERVICE_ADMIN_MAY_READ_DATA: 'true' });
  const seen = await ask(
    await again.ready(),
    'GET',
    `/data/collections/people/objects/${body.id}?options=unsafe`,
  );
  expect(seen.body.ssn).toBe('078-05-1120');
  await again.stop();
});

test('with a root-key file it makes the epoch file beside it once, and does not start without it any more', async () => {
  const url = await newDatabase();
  const file = path.join(path.dirname(newDataDir()), 'root.key');
  writeFileSync(file, ROOT_KEY);
  const env = { COATCHECK_KMS_KEY: '', COATCHECK_KMS_KEY_FILE: file };
  for (let round = 0; round < 2; round++) {
    const vault = serve(url, env);
    await vault.ready();
    await vault.stop();
  }
  const moved = { ...env, COATCHECK_KMS_EPOCH_FILE: `${file}.lost` };
  expect(await refusal('serve', settings(url, moved))).toEqual([
    expect.stringMatching(/epoch file .*lost cannot be read/),
  ]);
});

test('a database that development opened goes into production without the key that everybody knows', async () => {
  const url = await newDatabase();
  const development = new Coatcheck(['dev'], settings(url, { COATCHECK_SERVICE_ADMIN_API_KEY: '' }));
  const before = await development.ready();
  expect((await send(before, 'GET', '/ctl/collections')).status).toBe(200);
  await development.stop();

  const vault = serve(url);
  const base = await vault.ready();
  expect((await send(base, 'GET', '/ctl/collections')).status).toBe(401);
  expect((await ask(base, 'GET', '/ctl/collections')).status).toBe(200);
  await vault.stop();
});

test('a database that is newer than the program or half migrated is refused with a clear message', async () => {
  const url = await newDatabase();
  expect((await run(['migrate'], settings(url))).stdout).toMatch(/^Applied \d+/);
  expect((await run(['migrate'], settings(url))).stdout).toBe('The database is up to date.\n');
  await query(
    url,
    `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     values ('x', 'x', '29990101000000_future', now(), 1)`,
  );
  expect(await refusal('serve', settings(url))).toEqual([
    expect.stringMatching(/newer than this program.*29990101000000_future/),
  ]);
  await query(
    url,
    `delete from _prisma_migrations where id = 'x'`,
    'update _prisma_migrations set finished_at = null',
  );
  expect(await refusal('serve', settings(url))).toEqual([expect.stringMatching(/did not finish/)]);
});

test('a lookup key that somebody changed stops the start with a message, not with a fault', async () => {
  const url = await newDatabase();
  const vault = serve(url);
  await vault.ready();
  await vault.stop();
  await query(url, `update keystore.lookup_version set wrapped = overlay(wrapped placing '\\x00' from 50)`);
  expect(await refusal('serve', settings(url))).toEqual([
    expect.stringMatching(/lookup key 1 does not open/),
  ]);
});

describe('two instances started at once on one empty database', () => {
  let url: string;
  let vaults: Coatcheck[];
  let one: string;
  let other: string;
  beforeAll(async () => {
    url = await newDatabase();
    vaults = [serve(url), serve(url)];
    [one, other] = (await Promise.all(vaults.map((vault) => vault.ready()))) as [string, string];
  });
  afterAll(() => Promise.all(vaults.map((vault) => vault.stop())));

  const IAM = `[users.clerk]
role = "clerk"
[roles.clerk]
capabilities = ["CapDataReader"]
policies = ["all"]
[policies.all]
policy_type = "allow"
operations = ["*"]
reasons = ["*"]
resources = ["*"]
`;
  async function keyOfClerk(through: string): Promise<string> {
    await ask(through, 'POST', '/ctl/iam/conf', { raw: IAM, type: 'application/toml' });
    const { body } = await ask(through, 'POST', '/ctl/iam/user/regen', { json: { name: 'clerk' } });
    return body.api_key as string;
  }
  const count = (through: string, key: string): Promise<Answer> =>
    send(through, 'GET', '/data/collections/people/count/objects', { key });

  test('serve the same data: what one writes the other reads, under the same keys', async () => {
    await ask(one, 'POST', '/ctl/collections', {
      raw: 'people PERSONS ( ssn SSN INDEX )',
      type: 'application/pvschema',
    });
    await until(
      'the other sees the collection',
      async () => (await ask(other, 'GET', '/ctl/collections/people')).status === 200,
    );
    const key = await keyOfClerk(one);
    const { body } = await ask(one, 'POST', '/data/collections/people/objects', {
      json: { ssn: '078-05-1120' },
    });
    await until('the other knows the key', async () => {
      const seen = await send(other, 'GET', `/data/collections/people/objects/${body.id}?options=unsafe`, {
        key,
      });
      return seen.status === 200 && seen.body.ssn === '078-05-1120';
    });
  });

  test('append to one access log at once, and it is intact', async () => {
    const key = await keyOfClerk(one);
    await until('both know the key', async () => (await count(other, key)).status === 200);
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => count(i % 2 ? one : other, key)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const verified = await run(['audit', 'verify'], { DATABASE_URL: url });
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('intact')]);
  });

  test('a key revoked through one is dead on the other as soon as the notification arrives', async () => {
    const key = await keyOfClerk(one);
    await until('the other knows the key', async () => (await count(other, key)).status === 200);
    await keyOfClerk(one);
    await until('it is dead', async () => (await count(other, key)).status === 401, 4_000);
  });

  test('with the listener cut off at that moment it is dead at once: nothing is served from memory then', async () => {
    const key = await keyOfClerk(one);
    await until('the other knows the key', async () => (await count(other, key)).status === 200);
    // Every reconnect of a listener is cut again, so that none hears of the change.
    const cut = (): Promise<unknown> =>
      admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'coatcheck changes'`,
      );
    await cut();
    await until('the cut has arrived', async () => {
      const { rows } = await admin.query(
        `select from pg_stat_activity where application_name = 'coatcheck changes'`,
      );
      return rows.length === 0;
    });
    const regenerated = await ask(one, 'POST', '/ctl/iam/user/regen', { json: { name: 'clerk' } });
    expect(regenerated.status).toBe(200);
    await cut();
    expect((await count(other, key)).status).toBe(401);
    expect((await count(other, regenerated.body.api_key as string)).status).toBe(200);
  });
});
