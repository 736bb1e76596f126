import type { Database } from './database.js';

/**
 * Claims the next run of a job that one instance does for all, at most one in `intervalSeconds`: true for exactly one of those who ask. The
 * claim is a row, not a lock: nothing is held while the job runs, and one that dies on the way is followed by the next interval.
 */
export async function claimRun(database: Database, job: string, intervalSeconds: number): Promise<boolean> {
  const rows = await database.run({
    name: 'job-claim',
    text: `insert into job_run as run (job, started_at) values ($1, now())
           on conflict (job) do update set started_at = now()
            where run.started_at <= now() - $2::float8 * interval '1 second'
        returning job`,
    values: [job, intervalSeconds],
  });
  return rows.length > 0;
}
