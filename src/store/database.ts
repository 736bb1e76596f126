import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type ErrorCode, VaultError } from '../errors.js';
import { PrismaClient } from '../generated/prisma/client.js';
import { isDeadlocked, translated } from './database-errors.js';
import { type Mergeable, MergedWrites } from './merged-writes.js';

export interface DatabaseOptions {
  readonly url: string;
  /** Most connections of this instance. */
  readonly poolSize: number;
  /** Longest a statement may run, and longest it may wait for a lock, in milliseconds. */
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** A connection older than this is replaced when it is next free; 0 or absent: never. */
  readonly connectionLifetimeSeconds?: number;
  /** Told of connections that broke while idle; the pool replaces them by itself. */
  onConnectionError(error: Error): void;
}

/** Statements that wait for each other must then see what the other committed; whatever the server's default, which would refuse them with 40001. */
const READ_COMMITTED = 'set session characteristics as transaction isolation level read committed';

/** How often what was ended for a deadlock is run again. Each takes the second after which PostgreSQL looks for one. */
const MOST_DEADLOCKS = 3;

/** One statement, prepared under its name on each connection. `values` are `$1`, `$2`, … */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** Rows it must return: with any other number its transaction is rolled back and PV3218 thrown, somebody else was faster. */
  readonly mustReturn?: number;
  /** Thrown in place of PV3218, where another number of rows means something else. */
  readonly orElse?: ErrorCode;
  /** Set where it may be run together with others of its name that are committed at about the same time. */
  readonly mergeable?: Mergeable<unknown>;
}

/** Runs one statement, by itself or inside a transaction. */
export type Run = <Row extends pg.QueryResultRow>(statement: Statement) => Promise<Row[]>;

/**
 * The vault's connections: one pool, shared by Prisma (control plane) and by the prepared statements of the hot paths. Every
 * failure leaves as a VaultError: PV1010 for a database out of reach, PV1009 for a time-out.
 */
export class Database {
  readonly prisma: PrismaClient;
  readonly #pool: pg.Pool;
  readonly #merged = new MergedWrites((statements) => this.#commitAlone(statements));
  #trace: ((text: string) => void) | null = null;
  /** The pool is told to end before its connections have: one that the server cuts meanwhile is nothing to tell of. */
  #closing = false;

  constructor(options: DatabaseOptions) {
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: options.poolSize,
      connectionTimeoutMillis: 3_000,
      statement_timeout: options.statementTimeoutMs,
      lock_timeout: options.lockTimeoutMs,
      idle_in_transaction_session_timeout: 10_000,
      application_name: 'coatcheck',
      maxLifetimeSeconds: options.connectionLifetimeSeconds ?? 0,
      keepAlive: true,
      // Of a new connection, before anybody gets it.
      verify: (client, done) => client.query(READ_COMMITTED, done),
    });
    // Without a listener on the pool and on each client, a connection that breaks ends the process. The pool only repeats what a client said.
    this.#pool.on('error', () => undefined);
    const broke = (error: Error): void => {
      if (!this.#closing) options.onConnectionError(error);
    };
    this.#pool.on('connect', (client) => client.on('error', broke));
    const prisma = new PrismaClient({
      adapter: new PrismaPg(this.#pool, { disposeExternalPool: false }),
      log: [{ emit: 'event', level: 'query' }],
    });
    // The event also holds the parameters, which are values: only the text may be looked at.
    prisma.$on('query', ({ query }) => this.#trace?.(query));
    this.prisma = prisma;
  }

  /** Tells `trace` the text of every statement from now on, its parameters never; null: nobody. */
  traceTo(trace: ((text: string) => void) | null): void {
    this.#trace = trace;
  }

  /** Runs one statement by itself; it is committed when this resolves. */
  async run<Row extends pg.QueryResultRow>(statement: Statement): Promise<Row[]> {
    this.#trace?.(statement.text);
    return translated(async () => (await this.#pool.query<Row>(mutable(statement))).rows);
  }

  /**
   * Runs statements in one transaction: all are committed when this resolves, none where it throws. Where each of them may be, they share it with others; the rows of a
   * statement then are those of all.
   */
  async commit(statements: readonly Statement[]): Promise<pg.QueryResultRow[][]> {
    return this.#merged.add(statements);
  }

  /** What was ended for a deadlock is run again: whoever asked is not to hear of it. */
  async #commitAlone(statements: readonly Statement[], deadlocks = 0): Promise<pg.QueryResultRow[][]> {
    try {
      return await this.#commitOnce(statements);
    } catch (error) {
      if (!isDeadlocked(error) || deadlocks === MOST_DEADLOCKS) throw error;
      return this.#commitAlone(statements, deadlocks + 1);
    }
  }

  async #commitOnce(statements: readonly Statement[]): Promise<pg.QueryResultRow[][]> {
    const [only] = statements;
    if (only && statements.length === 1 && only.mustReturn === undefined) return [await this.run(only)];
    return this.transaction(async (run) => {
      const results: pg.QueryResultRow[][] = [];
      for (const statement of statements) {
        const rows = await run(statement);
        if (rows.length !== (statement.mustReturn ?? rows.length))
          throw new VaultError(statement.orElse ?? 'PV3218');
        results.push(rows);
      }
      return results;
    });
  }

  /**
   * Runs `work` in one transaction: committed when this resolves, rolled back where it throws. Nothing but statements of the
   * transaction may be awaited in it: others wait for its locks.
   */
  async transaction<T>(work: (run: Run) => Promise<T>): Promise<T> {
    return this.#alone(async (client) => {
      await client.query('begin');
      const result = await work(async <Row extends pg.QueryResultRow>(statement: Statement) => {
        this.#trace?.(statement.text);
        return (await client.query<Row>(mutable(statement))).rows;
      });
      await client.query('commit');
      return result;
    });
  }

  /** Runs a script that begins and ends a transaction itself; where it fails nothing of it is left open. */
  async script(text: string): Promise<void> {
    this.#trace?.(text);
    await this.#alone((client) => client.query(text));
  }

  /** Works on a connection that nobody else has meanwhile; where it fails, what was begun on it is rolled back. */
  async #alone<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return translated(async () => {
      const client = await this.#pool.connect();
      let broken: Error | undefined;
      try {
        return await work(client);
      } catch (error) {
        // A connection on which even the rollback fails must not go back into the pool.
        broken = await client.query('rollback').then(
          () => undefined,
          (failure: Error) => failure,
        );
        throw error;
      } finally {
        client.release(broken);
      }
    });
  }

  /** Runs control-plane work through Prisma with the same translation of failures. */
  async control<T>(work: (prisma: PrismaClient) => Promise<T>): Promise<T> {
    return translated(() => work(this.prisma));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.prisma.$disconnect();
    await this.#pool.end();
  }
}

/** pg's types want arrays it could write to; it does not. */
function mutable({ name, text, values }: Statement): pg.QueryConfig {
  return { name, text, values: values as unknown[] };
}
