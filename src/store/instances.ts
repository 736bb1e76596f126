import type { Database } from './database.js';

/** An instance that has not been heard of for so many of its own intervals is dead. */
const MISSED_BEATS = 3;

/** One vault over the database, as it last said. */
export interface Instance {
  readonly workerId: number;
  readonly generation: number;
  readonly checkedAt: Date;
  readonly refreshIntervalSeconds: number;
  readonly priority: number;
}

/** What an instance says of itself with each beat; the time is the database's. */
export interface Beat {
  readonly generation: string;
  readonly refreshIntervalSeconds: number;
  readonly priority: number;
}

const LIVING = `checked_at > now() - ${MISSED_BEATS} * refresh_interval_seconds * interval '1 second'`;

/** Says that an instance lives and returns its worker id: a new one for one that has none yet or was taken for dead. */
export async function beat(database: Database, workerId: number | null, said: Beat): Promise<number> {
  const values = [said.generation, said.refreshIntervalSeconds, said.priority];
  const renewed = await database.run({
    name: 'instance-renew',
    text: `update instance set generation = $1, checked_at = now(), refresh_interval_seconds = $2, priority = $3
            where worker_id = $4 returning worker_id`,
    values: [...values, workerId],
  });
  if (workerId !== null && renewed.length > 0) return workerId;
  const [row] = await database.run<{ worker_id: number }>({
    name: 'instance-join',
    text: `insert into instance (generation, checked_at, refresh_interval_seconds, priority)
           values ($1, now(), $2, $3) returning worker_id`,
    values,
  });
  return row!.worker_id;
}

/** Takes an instance that stops off the list. */
export async function leave(database: Database, workerId: number): Promise<void> {
  await database.run({
    name: 'instance-leave',
    text: 'delete from instance where worker_id = $1',
    values: [workerId],
  });
}

/** Takes the dead off the list. */
export async function removeDeadInstances(database: Database): Promise<void> {
  await database.run({
    name: 'instance-bury',
    text: `delete from instance where not (${LIVING})`,
    values: [],
  });
}

/** The living instances, and the newest generation with the time it was made. */
export async function readCluster(
  database: Database,
): Promise<{ generation: number; modifiedAt: Date; instances: Instance[] }> {
  const [head] = await database.run<{ generation: string; modified_at: Date }>({
    name: 'cluster-generation',
    text: 'select generation, modified_at from change_generation where id = 1',
    values: [],
  });
  const rows = await database.run<{
    worker_id: number;
    generation: string;
    checked_at: Date;
    refresh_interval_seconds: number;
    priority: number;
  }>({
    name: 'cluster-instances',
    text: `select worker_id, generation, checked_at, refresh_interval_seconds, priority from instance
            where ${LIVING} order by worker_id`,
    values: [],
  });
  return {
    generation: Number(head!.generation),
    modifiedAt: head!.modified_at,
    instances: rows.map((row) => ({
      workerId: row.worker_id,
      generation: Number(row.generation),
      checkedAt: row.checked_at,
      refreshIntervalSeconds: row.refresh_interval_seconds,
      priority: row.priority,
    })),
  };
}
