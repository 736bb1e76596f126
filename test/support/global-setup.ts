import { existsSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import Module from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { OwnPostgres } from './test-postgres.js';

const MEMORY = '/dev/shm';
const ROOM = 4 * 2 ** 30;

type TestPostgres = typeof import('./test-postgres.js');

/** What global-teardown.ts ends; both run in the one process that is jest's parent. */
const running: { own?: OwnPostgres; stopObserving?: () => ReadonlySet<string> } = {};
(globalThis as Record<symbol, unknown>)[Symbol.for('coatcheck.test-postgres')] = running;

/**
 * Gives the whole run one PostgreSQL with one migrated template. COATCHECK_TEST_DATABASE_URL names another server to use. It does not
 * wait for the disk, which a removal of a database does for a second; what tests crashes starts a durable server of its own.
 */
export default async function globalSetup(): Promise<void> {
  await withSourceNames(prepareServer);
}

/** In memory where there is room: hundreds of databases are copied and removed, and a disk's journal would be told of every file of each. */
function roomiest(): string {
  if (!existsSync(MEMORY)) return os.tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > ROOM ? MEMORY : os.tmpdir();
}

/** Starts the server, fills the template, and tells the test files where it is. */
async function prepareServer(): Promise<void> {
  const { createTemplate, startOwnPostgres } = await load<TestPostgres>('./test-postgres.js');
  const { startObserving, stopObserving } =
    await load<typeof import('./observed-errors.js')>('./observed-errors.js');
  await removeLeftovers();
  startObserving();
  running.stopObserving = stopObserving;
  let server = process.env.COATCHECK_TEST_DATABASE_URL;
  if (server === undefined) {
    running.own = await startOwnPostgres({ durable: false, parent: roomiest() });
    server = running.own.postgres.url;
    endOnSignals(running.own);
  }
  await createTemplate(server, await findMigrate());
  process.env.COATCHECK_TEST_POSTGRES = server;
}

/** The product's own migrations. */
async function findMigrate(): Promise<(databaseUrl: string) => Promise<void>> {
  if (!existsSync(path.join(import.meta.dirname, '../../src/store/migrations/migrate.ts')))
    return async () => undefined;
  const { migrate } = await load<{ migrate: (url: string) => Promise<void> }>(
    '../../src/store/migrations/migrate.js',
  );
  return migrate;
}

/** Jest calls no teardown when it is interrupted; PostgreSQL would live on, for it has a process group of its own. */
function endOnSignals(own: OwnPostgres): void {
  const end = (): void => {
    delete running.own;
    const exit = (): never => process.exit(130);
    void own.remove().then(exit, exit);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  // Should the process end in another way, the server ends with it and the directory with the next run.
  process.once('exit', () => running.own && process.kill(own.postgres.pid, 'SIGQUIT'));
}

/** Ends and removes the servers of runs that were killed: their directories name a process that is gone. */
async function removeLeftovers(): Promise<void> {
  const { endLeftover } = await load<typeof import('../../src/store/embedded/leftover.js')>(
    '../../src/store/embedded/leftover.js',
  );
  const { thisHost } = await load<typeof import('../../src/store/embedded/host.js')>(
    '../../src/store/embedded/host.js',
  );
  const host = thisHost();
  const names = [os.tmpdir(), MEMORY].flatMap((parent) =>
    existsSync(parent) ? readdirSync(parent).map((name) => path.join(parent, name)) : [],
  );
  for (const directory of names) {
    const owner = /^coatcheck-test-(\d+)-/.exec(path.basename(directory))?.[1];
    if (owner === undefined || host.signal(Number(owner), 0)) continue;
    for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      if (path.basename(file) !== 'postmaster.pid') continue;
      await endLeftover(path.join(directory, path.dirname(file)), host, () => undefined);
    }
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Lets `work` import our modules. Jest transforms what globalSetup imports, but does not apply moduleNameMapper to it, so
 * the NodeNext names (`x.js` for the file `x.ts`) are resolved here.
 */
async function withSourceNames(work: () => Promise<void>): Promise<void> {
  const loader = Module as unknown as { _resolveFilename: (request: string, ...rest: unknown[]) => string };
  const original = loader._resolveFilename;
  loader._resolveFilename = (request, ...rest) => {
    try {
      return original(request, ...rest);
    } catch (error) {
      if (!/^\.{1,2}\/.*\.js$/.test(request)) throw error;
      return original(request.replace(/\.js$/, '.ts'), ...rest);
    }
  };
  try {
    await work();
  } finally {
    loader._resolveFilename = original;
  }
}

/** Imports one of our modules, by a name that is only resolved when it is called. */
async function load<T>(name: string): Promise<T> {
  return (await import(name)) as T;
}
