import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { chooseServerUser } from '../../../src/store/embedded/run-as.js';
import { thisHost } from '../../../src/store/embedded/host.js';
import { installedPrograms } from '../../../src/store/embedded/binaries.js';
import { startEmbeddedPostgres } from '../../../src/store/embedded/index.js';
import {
  cleanUp,
  closedDirectory,
  giveTo,
  install,
  linksOf,
  newDataDir,
  nobody,
  openDirectory,
  packageIn,
  VaultProcess,
} from './vault-process.js';

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? test : test.skip;

afterAll(cleanUp);

/** One number from the database. */
async function ask(url: string, question: string): Promise<unknown> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(question);
  await client.end();
  return rows.length > 0 ? Object.values(rows[0])[0] : undefined;
}

/** Whether a link of the package is there. */
function hasLinks(installation: string): boolean {
  const target = packageIn(installation);
  return linksOf(target).every(({ target: link }) => existsSync(path.join(target, link)));
}

/** The copies of the programs that lie in a temporary directory. */
function copiesIn(temporary: string): string[] {
  return readdirSync(temporary).filter((name) => name.startsWith('coatcheck-postgres-'));
}

asRoot(
  'root under a 0700 parent: starts, restarts, recovers; only the cluster belongs to the other user',
  async () => {
    const parent = closedDirectory();
    const dataDir = newDataDir(path.join(parent, 'deeper'));
    const first = await startEmbeddedPostgres({ dataDir });
    const owner = statSync(path.join(dataDir, 'postgres')).uid;
    expect(owner).toBe(chooseServerUser(thisHost(), path.join(parent, 'nothing'))?.uid);
    expect(statSync(`/proc/${first.pid}`).uid).toBe(owner);
    for (const file of ['', 'postgres-password', 'postgres-lock', 'postgres.log']) {
      expect(statSync(path.join(dataDir, file)).uid).toBe(0);
    }
    await ask(first.url, 'create table kept (n integer)');
    await ask(first.url, 'insert into kept values (7) returning n');
    await first.stop();

    const second = await startEmbeddedPostgres({ dataDir });
    const backend = new pg.Client(second.url);
    backend.on('error', () => undefined);
    await backend.connect();
    const { rows } = await backend.query('select pg_backend_pid() as pid');
    // A backend that crashes makes PostgreSQL recover by itself, from the directory it sees.
    process.kill(rows[0].pid, 'SIGKILL');
    let kept: unknown;
    for (let attempt = 0; kept === undefined && attempt < 100; attempt += 1) {
      kept = await ask(second.url, 'select n from kept').catch(
        () => new Promise((wait) => setTimeout(wait, 50)),
      );
    }
    expect(kept).toBe(7);
    await second.stop();
  },
);

asRoot('a clone under a 0700 parent: the programs are copied for as long as the server runs', async () => {
  const clone = closedDirectory();
  const temporary = openDirectory();
  const installation = install(clone, 'copied');
  const dataDir = newDataDir(clone);
  const vault = new VaultProcess(installation, dataDir, { env: { TMPDIR: temporary } });
  const { url } = await vault.up();
  expect(await ask(url, "select now() at time zone 'Europe/Berlin' is not null")).toBe(true);
  expect(hasLinks(installation)).toBe(true);
  const [copy] = copiesIn(temporary);
  expect(statSync(path.join(temporary, copy!)).mode & 0o777).toBe(0o755);
  expect(statSync(path.join(temporary, copy!)).uid).toBe(0);
  await vault.stop();
  expect(readdirSync(temporary)).toEqual([]);
});

asRoot('the copy of a killed vault is not trusted but replaced', async () => {
  const clone = closedDirectory();
  const temporary = openDirectory();
  const installation = install(clone, 'copied');
  const dataDir = newDataDir(clone);
  const first = new VaultProcess(installation, dataDir, { env: { TMPDIR: temporary } });
  await first.up();
  const before = copiesIn(temporary);
  await first.kill();
  const second = new VaultProcess(installation, dataDir, { env: { TMPDIR: temporary } });
  await second.up();
  expect(copiesIn(temporary)).toHaveLength(1);
  expect(copiesIn(temporary)).not.toEqual(before);
  await second.stop();
  expect(copiesIn(temporary)).toEqual([]);
});

asRoot('an ordinary user: everything is his, with links that an install script did not make', async () => {
  const home = openDirectory();
  const user = nobody();
  const installation = install(home, 'copied');
  expect(hasLinks(installation)).toBe(false);
  const own = path.join(home, 'own');
  mkdirSync(own, { mode: 0o700 });
  giveTo(own, user);
  const dataDir = newDataDir(own);
  const temporary = path.join(own, 'tmp');
  mkdirSync(temporary);
  giveTo(temporary, user);

  // node_modules belongs to root: not a byte of it changes.
  const vault = new VaultProcess(installation, dataDir, { ...user, env: { TMPDIR: temporary } });
  const { pid } = await vault.up();
  expect(hasLinks(installation)).toBe(false);
  expect(statSync(`/proc/${pid}`).uid).toBe(user.uid);
  for (const file of ['', 'postgres', 'postgres-password'])
    expect(statSync(path.join(dataDir, file)).uid).toBe(user.uid);
  await vault.stop();
  expect(readdirSync(temporary)).toEqual([]);

  // node_modules that he may write to gets its links.
  const lib = path.join(packageIn(installation), 'native/lib');
  giveTo(lib, user);
  const again = new VaultProcess(installation, dataDir, { ...user, env: { TMPDIR: temporary } });
  await again.up();
  expect(hasLinks(installation)).toBe(true);
  expect(readdirSync(temporary)).toEqual([]);
  await again.stop();

  // Root continues as the owner of the files.
  const root = await startEmbeddedPostgres({ dataDir });
  expect(statSync(`/proc/${root.pid}`).uid).toBe(user.uid);
  await root.stop();
});

asRoot("somebody else's data directory is refused in one line that names it", async () => {
  const parent = openDirectory();
  const dataDir = newDataDir(parent);
  await (await startEmbeddedPostgres({ dataDir })).stop();
  const installation = install(openDirectory(), 'copied');
  const vault = new VaultProcess(installation, dataDir, nobody());
  await expect(vault.up()).rejects.toThrow(`Cannot use the data directory ${dataDir} (EACCES)`);
  expect(vault.said).toEqual([{ name: 'EmbeddedPostgresError', failed: expect.not.stringContaining('\n') }]);

  chmodSync(parent, 0o700);
  const outside = new VaultProcess(installation, path.join(parent, 'new'), nobody());
  await expect(outside.up()).rejects.toThrow(`Cannot use the data directory ${parent}/new (EACCES)`);
});

test('root takes postgres, else nobody, else says what to do', () => {
  const directory = closedDirectory();
  const root = { ...thisHost(), uid: 0 };
  const file = path.join(directory, 'passwd');
  const choose = (...lines: string[]) => {
    writeFileSync(file, lines.join('\n'));
    return chooseServerUser(root, path.join(directory, 'none'), file)?.name;
  };
  const [rootLine, nobodyLine] = ['root:x:0:0::/:/bin/sh', 'nobody:x:65534:65534::/:/bin/false'];
  expect(choose(rootLine, nobodyLine, 'postgres:x:70:70::/:/bin/sh')).toBe('postgres');
  expect(choose(rootLine, nobodyLine)).toBe('nobody');
  expect(() => choose(rootLine)).toThrow(/start as an ordinary user or set DATABASE_URL/);
});

test('a platform without the package is told to set DATABASE_URL', async () => {
  expect(() => installedPrograms({ ...thisHost(), platform: 'freebsd' })).toThrow(
    /freebsd-x64: set DATABASE_URL/,
  );
  const vault = new VaultProcess(install(openDirectory(), 'missing'), newDataDir());
  await expect(vault.up()).rejects.toThrow(/is not installed: install it or set DATABASE_URL/);
});
