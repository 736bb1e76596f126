import type { TestVault } from './vault.js';
import { sql } from './steps.js';

/** One statement that waits for a lock, and what it waits for, where that is a table. */
export interface LockWaiter {
  readonly pid: number;
  readonly started: string;
  readonly table: string | null;
}

/** The statements in the vault's database that wait for a lock somebody else holds. */
export async function lockWaiters(vault: TestVault): Promise<LockWaiter[]> {
  return (await sql(
    vault,
    `select a.pid, a.query_start::text as started,
            (select l.relation::regclass::text from pg_locks l where l.pid = a.pid and not l.granted limit 1) as table
       from pg_stat_activity a where a.wait_event_type = 'Lock' and a.datname = current_database()`,
  )) as LockWaiter[];
}

/** Whether a statement that was seen waiting is over: its connection does nothing, or the next. */
export async function isOver(vault: TestVault, { pid, started }: LockWaiter): Promise<boolean> {
  const [still] = await sql(
    vault,
    `select from pg_stat_activity where pid = $1 and state = 'active' and query_start::text = $2`,
    [pid, started],
  );
  return still === undefined;
}
