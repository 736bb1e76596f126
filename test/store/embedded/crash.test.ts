import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../../src/store/embedded/index.js';
import { thisHost } from '../../../src/store/embedded/host.js';
import { processesInCluster } from '../../../src/store/embedded/postmaster.js';
import { cleanUp, install, newDataDir, openDirectory, VaultProcess } from './vault-process.js';

let installation: string;

beforeAll(() => {
  installation = install(openDirectory());
});
afterAll(cleanUp);

/** Opens a connection that may be cut without ending the test. */
async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Writes rows, each acknowledged, and returns the last one. */
async function writeRows(url: string, count: number): Promise<number> {
  const client = await connect(url);
  await client.query('create table if not exists acknowledged (n serial)');
  let last = 0;
  for (let i = 0; i < count; i += 1) {
    last = (await client.query('insert into acknowledged default values returning n')).rows[0].n;
  }
  await client.end();
  return last;
}

/** How many rows are there. */
async function countRows(url: string): Promise<number> {
  const client = await connect(url);
  const { rows } = await client.query('select count(*)::int as n from acknowledged');
  await client.end();
  return rows[0].n;
}

/** Whether a process runs; one that has ended stays listed until its parent asks for it, and some inits never ask. */
function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

test('kill -9 of the vault alone: the next start ends the PostgreSQL that is still running, and nothing is lost', async () => {
  const dataDir = newDataDir();
  const first = new VaultProcess(installation, dataDir);
  const { url, pid } = await first.up();
  await writeRows(url, 50);
  const idle = await connect(url);
  const open = await connect(url);
  await open.query('begin; insert into acknowledged default values');
  await first.kill();
  expect(isAlive(pid)).toBe(true);

  const second = new VaultProcess(installation, dataDir);
  const again = await second.up();
  expect(isAlive(pid)).toBe(false);
  expect(again.pid).not.toBe(pid);
  expect(second.said.some(({ line }) => line?.includes(String(pid)))).toBe(true);
  expect(await countRows(again.url)).toBe(50);
  await second.stop();
  await Promise.allSettled([idle.end(), open.end()]);
});

test('kill -9 of the vault and of PostgreSQL: the next start recovers every acknowledged row', async () => {
  const dataDir = newDataDir();
  for (let round = 1; round <= 3; round += 1) {
    const vault = new VaultProcess(installation, dataDir);
    const { url, pid } = await vault.up();
    await writeRows(url, 30);
    await vault.kill();
    process.kill(pid, 'SIGKILL');
  }
  const last = await startEmbeddedPostgres({ dataDir });
  expect(await countRows(last.url)).toBe(90);
  await last.stop();
});

test('a backend that still works after kill -9 of both is ended first', async () => {
  const dataDir = newDataDir();
  const vault = new VaultProcess(installation, dataDir);
  const { url, pid } = await vault.up();
  await writeRows(url, 5);
  const busy = await connect(url);
  const { rows } = await busy.query('select pg_backend_pid() as pid');
  // A loop without a single wait does not notice that the postmaster is dead.
  const running = busy.query('do $$ begin loop end loop; end $$').catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await vault.kill();
  process.kill(pid, 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(isAlive(rows[0].pid)).toBe(true);

  const again = await startEmbeddedPostgres({ dataDir });
  expect(isAlive(rows[0].pid)).toBe(false);
  expect(await countRows(again.url)).toBe(5);
  await again.stop();
  await running;
});

test.each(['postgres', 'another user'])(
  'a stale pid file whose pid is now an innocent process of %s',
  async (who) => {
    const dataDir = newDataDir();
    const vault = new VaultProcess(installation, dataDir);
    const { url, pid } = await vault.up();
    await writeRows(url, 5);
    await vault.kill();
    process.kill(pid, 'SIGKILL');

    const owner = /^postgres:x:(\d+):(\d+)/m.exec(readFileSync('/etc/passwd', 'utf8'));
    const user =
      who === 'postgres' && owner && process.getuid?.() === 0
        ? { uid: Number(owner[1]), gid: Number(owner[2]) }
        : {};
    const innocent = spawn('sleep', ['60'], { cwd: '/', stdio: 'ignore', ...user });
    try {
      const pidFile = path.join(dataDir, 'postgres/postmaster.pid');
      writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(innocent.pid)));
      const again = await startEmbeddedPostgres({ dataDir });
      expect(await countRows(again.url)).toBe(5);
      await again.stop();
      expect(isAlive(innocent.pid!)).toBe(true);
    } finally {
      innocent.kill('SIGKILL');
    }
  },
);

test('PostgreSQL killed under a running vault comes back at the same address with every acknowledged row', async () => {
  const dataDir = newDataDir();
  const lines: string[] = [];
  const postgres = await startEmbeddedPostgres({ dataDir, log: (line) => lines.push(line) });
  await writeRows(postgres.url, 20);
  const killed = postgres.pid;
  process.kill(killed, 'SIGKILL');
  const before = Date.now();
  let rows: number | undefined;
  while (rows === undefined) {
    rows = await countRows(postgres.url).catch(() => undefined);
    expect(Date.now() - before).toBeLessThan(20_000);
  }
  expect(rows).toBe(20);
  expect(postgres.pid).not.toBe(killed);
  expect(lines).toEqual([expect.stringContaining('SIGKILL')]);
  await postgres.stop();
  expect(isAlive(postgres.pid)).toBe(false);
});

test('PostgreSQL that dies again and again is given up, and the vault is told once', async () => {
  const postgres = await startEmbeddedPostgres({ dataDir: newDataDir() });
  const reasons: string[] = [];
  const told = new Promise<void>((resolve) => postgres.onExit((reason) => (reasons.push(reason), resolve())));
  const crashing = setInterval(() => isAlive(postgres.pid) && process.kill(postgres.pid, 'SIGKILL'), 100);
  await told;
  clearInterval(crashing);
  await postgres.stop();
  expect(reasons).toHaveLength(1);
  expect(isAlive(postgres.pid)).toBe(false);
});

test('a stop while PostgreSQL is being started again stops that one too', async () => {
  const dataDir = newDataDir();
  for (const pause of [0, 5, 15, 40]) {
    const postgres = await startEmbeddedPostgres({ dataDir });
    process.kill(postgres.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, pause));
    await postgres.stop();
    expect(isAlive(postgres.pid)).toBe(false);
    expect(processesInCluster(path.join(dataDir, 'postgres'), thisHost())).toEqual([]);
  }
});

test('a start that was killed in the middle of initdb leaves nothing in the way', async () => {
  const dataDir = newDataDir();
  const vault = new VaultProcess(installation, dataDir);
  while (!existsSync(path.join(dataDir, 'postgres-password')))
    await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await vault.kill();
  expect(existsSync(path.join(dataDir, 'postgres'))).toBe(false);

  mkdirSync(path.join(dataDir, 'postgres.new-abandoned'));
  const postgres = await startEmbeddedPostgres({ dataDir });
  expect(await writeRows(postgres.url, 1)).toBe(1);
  expect(existsSync(path.join(dataDir, 'postgres.new-abandoned'))).toBe(false);
  await postgres.stop();
});

test('a server that cannot start says why, and the directory can be used once that is repaired', async () => {
  const dataDir = newDataDir();
  await (await startEmbeddedPostgres({ dataDir })).stop();
  const hba = path.join(dataDir, 'postgres/pg_hba.conf');
  const good = readFileSync(hba, 'utf8');
  writeFileSync(hba, 'nonsense\n');
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/could not load .*pg_hba\.conf/);
  writeFileSync(hba, good);

  const passwordFile = path.join(dataDir, 'postgres-password');
  const password = readFileSync(passwordFile, 'utf8');
  writeFileSync(passwordFile, 'another');
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
    /does not let us in: password authentication failed/,
  );
  rmSync(passwordFile);
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/postgres-password does not/);
  writeFileSync(passwordFile, password);

  const version = path.join(dataDir, 'postgres/PG_VERSION');
  writeFileSync(version, '17\n');
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
    /was made by PostgreSQL 17, this program brings 18/,
  );
  writeFileSync(version, '18\n');
  await (await startEmbeddedPostgres({ dataDir })).stop();
});
