import { prepareCluster } from './cluster.js';
import { ensureDatabase } from './database.js';
import { EmbeddedPostgresError, systemErrorCode } from './errors.js';
import { thisHost, type Host } from './host.js';
import { createDataDir, layoutOf } from './layout.js';
import { endLeftover } from './leftover.js';
import { lockDataDir } from './lock.js';
import { databaseUrl, readPassword } from './password.js';
import { readPostmasterFile, worksInCluster } from './postmaster.js';
import { preparePrograms } from './programs.js';
import { chooseServerUser } from './run-as.js';
import { startSupervised } from './supervisor.js';

/** Where the database lies and how it is run. */
export interface EmbeddedPostgresOptions {
  dataDir: string;
  /** What a person who waits should know, a line each. */
  log?: (line: string) => void;
  /** For tests of something else: no fsync, so a power cut destroys the data. */
  dangerouslyNotDurable?: boolean;
  /** Memory for pages, as PostgreSQL writes it, for a load that is measured; the usual is enough for development. */
  sharedBuffers?: string;
  /** How long a start, recovery included, may take. */
  startTimeoutMs?: number;
  host?: Host;
}

/** A running PostgreSQL that belongs to this process. */
export interface EmbeddedPostgres {
  /** The DATABASE_URL, password included; it stays the same when PostgreSQL crashes and is started again. */
  readonly url: string;
  readonly pid: number;
  /** Shuts PostgreSQL down and waits for its end. To be called last: it cuts every connection. */
  stop(): Promise<void>;
  /** Calls back if PostgreSQL died and could not be brought back. */
  onExit(callback: (reason: string) => void): void;
}

/** Starts the PostgreSQL of this data directory, made on the first start. Throws EmbeddedPostgresError with one line. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log = () => undefined, host = thisHost(), startTimeoutMs = 60_000 } = options;
  const layout = createDataDir(options.dataDir);
  const undo: (() => Promise<void>)[] = [];
  /** Gives back what was taken, last first, each once, the lock even if something before it fails. */
  const giveBack = async (): Promise<void> => {
    const step = undo.pop();
    if (step === undefined) return;
    try {
      await step();
    } finally {
      await giveBack();
    }
  };

  try {
    const lock = await lockDataDir(layout, host);
    undo.push(() => lock.release());
    const user = chooseServerUser(host, layout.cluster);
    await endLeftover(layout.cluster, host, log);

    const programs = await preparePrograms(host, layout, user);
    undo.push(async () => programs.release());
    const password = await prepareCluster(host, layout, programs.native, user);

    const durable = options.dangerouslyNotDurable !== true;
    const { sharedBuffers } = options;
    const plan = { host, layout, native: programs.native, user, durable, sharedBuffers, startTimeoutMs };
    const server = await startSupervised(plan, log);
    undo.push(() => server.stop());
    await ensureDatabase(layout, server.port, password);

    let stopped: Promise<void> | undefined;
    return {
      url: databaseUrl(server.port, password),
      get pid() {
        return server.pid;
      },
      onExit: (callback) => server.onExit(callback),
      stop: () => (stopped ??= giveBack()),
    };
  } catch (error) {
    await giveBack();
    if (systemErrorCode(error) === undefined) throw error;
    throw new EmbeddedPostgresError(
      `Cannot start PostgreSQL in ${layout.dataDir}: ${(error as Error).message}`,
    );
  }
}

/** The address of the database of this data directory if a server is running there; starts nothing. */
export async function findEmbeddedPostgres(
  dataDir: string,
  host = thisHost(),
): Promise<{ url: string } | null> {
  const layout = layoutOf(dataDir);
  const server = readPostmasterFile(layout.cluster);
  if (!server?.ready || !worksInCluster(server.pid, layout.cluster, host)) return null;
  const password = readPassword(layout);
  return password === undefined ? null : { url: databaseUrl(server.port, password) };
}
