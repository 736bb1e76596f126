import type PgBoss from 'pg-boss';
import type { Database, Statement } from './database.js';

const QUEUE = 'idp-write-back';
/** Not pg-boss' usual one: an application that shares the database may have that. */
const SCHEMA = 'coatcheck_jobs';
const DAY_SECONDS = 24 * 3600;

/** What is to be changed at a provider: whose user, by a sealed name. Nothing of the user's is in it. */
export interface WriteBackJob {
  readonly hook: string;
  readonly keysetId: string;
  readonly keysetVersion: number;
  /** Base64 of the sealed subject. */
  readonly subject: string;
  /** When it was first asked for, in milliseconds since 1970. */
  readonly since: number;
  /** Somebody wants values put back there; absent: what the vault has is to be removed. */
  readonly restore?: RestoreOrder;
}

/** What is to be put back, by the names of places, and as whom it was asked for. */
export interface RestoreOrder {
  readonly places: readonly string[];
  readonly role: string;
  readonly reason: string;
  /** Of the request that asked for it: the log names both. */
  readonly requestId: string;
}

/** A job that somebody works on: nobody else gets it meanwhile. */
export interface TakenJob {
  readonly id: string;
  /** By it the queue knows what is the same. */
  readonly key: string;
  readonly job: WriteBackJob;
  /** It is the last try. */
  readonly isLast: boolean;
}

/** How the queue is doing. */
export interface QueueCounts {
  readonly queued: number;
  readonly failed: number;
  /** Age of the oldest that waits or is worked on; 0: there is none. */
  readonly oldestSeconds: number;
}

/**
 * The queue of changes at providers, in PostgreSQL (docs/adr/0048): pg-boss over the vault's own connections, loaded when it is first used. It takes care of who
 * works on what, of retries and of what was left by instances that died.
 */
export class WriteBackQueue {
  readonly #database: Database;
  /** What this instance has done, and given up. */
  readonly totals = { done: 0, failed: 0 };
  /** Called when a job was added here, so that it need not wait for somebody to look. */
  onAdded: () => void = () => undefined;
  #boss: Promise<PgBoss> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The statement that adds a job, to be committed with what makes it necessary. Where one of its key is waiting already it adds nothing. */
  async adding(key: string, job: WriteBackJob, afterSeconds = 0): Promise<Statement> {
    const options = { singletonKey: key, startAfter: afterSeconds };
    return captured(async (db) => (await this.#open()).send(QUEUE, job, { ...options, db }));
  }

  /** Takes jobs that are due, at most so many. */
  async take(most: number): Promise<TakenJob[]> {
    const jobs = await (
      await this.#open()
    ).fetch<WriteBackJob>(QUEUE, { batchSize: most, includeMetadata: true });
    return jobs.map(({ id, data, singletonKey, retryCount, retryLimit }) => ({
      id,
      key: singletonKey ?? id,
      job: data,
      isLast: retryCount >= retryLimit,
    }));
  }

  /** The job is done, or there is nothing to do. */
  async done({ id }: TakenJob): Promise<void> {
    await (await this.#open()).complete(QUEUE, id);
    this.totals.done++;
  }

  /** The provider said to come back later: that does not count as a try. */
  async postpone({ id, key, job }: TakenJob, seconds: number): Promise<void> {
    const boss = await this.#open();
    await this.#database.commit([
      await captured(async (db) => boss.complete(QUEUE, id, {}, { db })),
      await this.adding(key, job, seconds),
    ]);
  }

  /** It did not work: it is tried again, later each time, and given up after the last. The reason is a code of ours. */
  async fail({ id, isLast }: TakenJob, code: string): Promise<void> {
    await (await this.#open()).fail(QUEUE, id, { code });
    if (isLast) this.totals.failed++;
  }

  /** Gives back what instances that died were working on, and clears away what is done. */
  async maintain(): Promise<void> {
    await (await this.#open()).maintain();
  }

  /** Does not load anything: it is asked with every scrape. */
  async counts(): Promise<QueueCounts> {
    const [row] = await this.#database.run<{ queued: string; failed: string; oldest: string | null }>({
      name: 'write-back-counts',
      text: `select count(*) filter (where state < 'completed') as queued, count(*) filter (where state = 'failed') as failed,
                    extract(epoch from now() - to_timestamp(min((data->>'since')::float8) filter (where state < 'completed') / 1000)) as oldest
               from ${SCHEMA}.job where name = $1`,
      values: [QUEUE],
    });
    return {
      queued: Number(row!.queued),
      failed: Number(row!.failed),
      oldestSeconds: Math.max(0, Number(row!.oldest ?? 0)),
    };
  }

  #open(): Promise<PgBoss> {
    this.#boss ??= this.#start();
    // One that failed to start is tried again.
    this.#boss.catch(() => (this.#boss = undefined));
    return this.#boss;
  }

  async #start(): Promise<PgBoss> {
    const { default: Boss } = await import('pg-boss');
    const boss = new Boss({
      db: { executeSql: async (text, values) => this.#execute(text, values) },
      schema: SCHEMA,
      // No timers and no changes of tables of its own: the vault's jobs and migrations do that.
      ...{ migrate: false, supervise: false, schedule: false },
      ...{
        archiveCompletedAfterSeconds: 3600,
        archiveFailedAfterSeconds: 30 * DAY_SECONDS,
        deleteAfterDays: 1,
      },
    });
    boss.on('error', () => undefined);
    return boss.start();
  }

  async #execute(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[] }> {
    if (/^\s*begin;/i.test(text)) {
      await this.#database.script(text);
      return { rows: [] };
    }
    return { rows: await this.#database.run({ name: nameOf(text), text, values: values ?? [] }) };
  }
}

/** The statement that pg-boss would run. */
async function captured(work: (db: PgBoss.Db) => Promise<unknown>): Promise<Statement> {
  const statements: Statement[] = [];
  await work({
    executeSql: async (text, values) => {
      statements.push({ name: nameOf(text), text, values });
      return { rows: [{ id: '', count: '0' }] };
    },
  });
  return statements[0]!;
}

/** Statements of pg-boss are few and constant: each is prepared once. */
const names = new Map<string, string>();
function nameOf(text: string): string {
  const name = names.get(text) ?? `pg-boss-${names.size}`;
  names.set(text, name);
  return name;
}
