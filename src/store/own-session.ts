import pg from 'pg';
import { OperatorError } from '../errors.js';
import { translated } from './database-errors.js';

/** A database URL that cannot be used, with what to do about it. */
class SharedSessionError extends OperatorError {
  override readonly name = 'SharedSessionError';
}

/** Looks at a connection that does not name its session as PostgreSQL does: other clients of a pooler may hide what it does. */
const LOOKS_THROUGH_A_POOLER = 10;

const PROTOCOL_VIOLATION = '08P01';

/** Which session of which server a transaction runs in: process ids come again, and a URL may lead to several servers. */
const SESSION =
  'select pid, extract(epoch from backend_start) as started from pg_stat_activity where pid = pg_backend_pid()';

/**
 * Throws where a connection has no session of its own, as behind a pooler that hands sessions out for a transaction each: there nobody hears a
 * notification, and the lock under which a vault migrates stays with whoever gets its session next (docs/adr/0056). Asks on `client`, which is
 * connected, while a second connection holds a session in a transaction: without a pooler between, the first one's stays the same and is another than the
 * second's, whatever else goes on. One look is enough where the connection itself knows the session's process id, which poolers make up.
 */
export async function requireOwnSession(client: pg.Client, databaseUrl: string): Promise<void> {
  const second = new pg.Client({ connectionString: databaseUrl });
  second.on('error', () => undefined);
  await translated(() => second.connect());
  try {
    const first = await sessionOf(client);
    const looks = first.pid === processIdOf(client) ? 1 : LOOKS_THROUGH_A_POOLER;
    for (let look = 0; look < looks; look++) {
      if (await changesSession(client, first, second)) {
        throw new SharedSessionError(
          'DATABASE_URL leads to a pooler that hands out sessions for a transaction each (PgBouncer: pool_mode = transaction), which loses notifications and locks: ' +
            'name PostgreSQL itself, or a pool with pool_mode = session.',
        );
      }
    }
  } finally {
    await second.end();
  }
}

async function changesSession(client: pg.Client, first: Session, second: pg.Client): Promise<boolean> {
  try {
    await second.query('begin');
  } catch (error) {
    // A pooler that hands sessions out for a statement each refuses transactions in these words; PostgreSQL never does.
    if ((error as { readonly code?: unknown }).code === PROTOCOL_VIOLATION) return true;
    throw error;
  }
  try {
    return isSame(await sessionOf(second), first) || !isSame(await sessionOf(client), first);
  } finally {
    await second.query('rollback');
  }
}

interface Session {
  readonly pid: number;
  readonly started: string;
}

async function sessionOf(client: pg.Client): Promise<Session> {
  const { rows } = await client.query<Session>(SESSION);
  return rows[0]!;
}

function isSame(a: Session, b: Session): boolean {
  return a.pid === b.pid && a.started === b.started;
}

/** What the server, or what stands before it, called the session when the client connected. The types leave it out. */
function processIdOf(client: pg.Client): number | null {
  return (client as pg.Client & { readonly processID: number | null }).processID;
}
