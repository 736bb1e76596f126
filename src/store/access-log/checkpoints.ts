import type { Database } from '../database.js';

/** A checkpoint as stored: the log had `size` entries and this root when it was signed. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Buffer;
  /** The signed note, without cosignatures. */
  readonly note: string;
  readonly createdAt: Date;
}

/** What a witness said to a checkpoint. */
export interface StoredCosignature {
  readonly size: number;
  readonly witness: string;
  readonly line: string;
}

interface CheckpointRow {
  size: string;
  root: Buffer;
  note: string;
  created_at: Date;
}

const COLUMNS = 'size, root, note, created_at';

/** The newest checkpoint that covers entry `index`; null where there is none. Index -1: the newest of all. */
export async function checkpointCovering(
  database: Database,
  index: number,
): Promise<StoredCheckpoint | null> {
  const rows = await database.run<CheckpointRow>({
    name: 'checkpoint-covering',
    text: `select ${COLUMNS} from access_log_checkpoint where size > $1 order by size desc limit 1`,
    values: [index],
  });
  return rows[0] ? checkpointOf(rows[0]) : null;
}

/** The checkpoint of exactly this size; null where there is none. */
export async function checkpointAt(database: Database, size: number): Promise<StoredCheckpoint | null> {
  const rows = await database.run<CheckpointRow>({
    name: 'checkpoint-at',
    text: `select ${COLUMNS} from access_log_checkpoint where size = $1`,
    values: [size],
  });
  return rows[0] ? checkpointOf(rows[0]) : null;
}

/** The checkpoints with a size from `from` on, in order. */
export async function checkpointsFrom(
  database: Database,
  from: number,
  limit: number,
): Promise<StoredCheckpoint[]> {
  const rows = await database.run<CheckpointRow>({
    name: 'checkpoints-from',
    text: `select ${COLUMNS} from access_log_checkpoint where size >= $1 order by size limit $2`,
    values: [from, limit],
  });
  return rows.map(checkpointOf);
}

/** Stores a checkpoint. False where another instance has stored one of this size. */
export async function addCheckpoint(database: Database, checkpoint: StoredCheckpoint): Promise<boolean> {
  const { size, root, note, createdAt } = checkpoint;
  const rows = await database.run({
    name: 'checkpoint-add',
    text: `insert into access_log_checkpoint (size, root, note, created_at) values ($1, $2, $3, $4)
           on conflict (size) do nothing returning size`,
    values: [size, root, note, createdAt],
  });
  return rows.length === 1;
}

/**
 * Removes the checkpoints made before `before`, except the last of each hour: they are made every second, and those in between say nothing
 * that the ones around them do not.
 */
export async function thinCheckpoints(database: Database, before: Date): Promise<void> {
  await database.run({
    name: 'checkpoint-thin',
    text: `delete from access_log_checkpoint checkpoint
            where created_at < $1
              and exists (select from access_log_checkpoint later
                           where later.size > checkpoint.size
                             and date_trunc('hour', later.created_at) = date_trunc('hour', checkpoint.created_at))`,
    values: [before],
  });
}

/** The cosignatures of a checkpoint, by name of the witness. */
export async function cosignaturesOf(database: Database, size: number): Promise<StoredCosignature[]> {
  const rows = await database.run<{ size: string; witness: string; line: string }>({
    name: 'cosignatures',
    text: 'select size, witness, line from access_log_cosignature where size = $1 order by witness',
    values: [size],
  });
  return rows.map((row) => ({ ...row, size: Number(row.size) }));
}

/** Size of the largest checkpoint that a witness cosigned; 0 where it cosigned none. */
export async function cosignedSize(database: Database, witness: string): Promise<number> {
  const [row] = await database.run<{ size: string }>({
    name: 'cosigned-size',
    text: 'select coalesce(max(size), 0) as size from access_log_cosignature where witness = $1',
    values: [witness],
  });
  return Number(row!.size);
}

/** Stores what a witness said to a checkpoint. */
export async function addCosignature(
  database: Database,
  { size, witness, line }: StoredCosignature,
): Promise<void> {
  await database.run({
    name: 'cosignature-add',
    text: `insert into access_log_cosignature (size, witness, line)
           select $1, $2, $3 where exists (select from access_log_checkpoint where size = $1)
           on conflict (size, witness) do update set line = excluded.line`,
    values: [size, witness, line],
  });
}

function checkpointOf({ size, created_at: createdAt, ...rest }: CheckpointRow): StoredCheckpoint {
  return { ...rest, size: Number(size), createdAt };
}
