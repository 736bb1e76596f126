import { VaultError } from '../../errors.js';
import type { Database } from '../database.js';

/** What one entry is searched by; every column is recomputed from the entry's bytes when the log is verified. */
export interface ProjectedEntry {
  readonly index: number;
  readonly time: Date;
  readonly requestId: string;
  readonly callerRequestId: string | null;
  readonly user: string;
  readonly role: string;
  readonly keyId: string | null;
  readonly subject: string | null;
  readonly tenants: readonly string[];
  readonly operation: string;
  readonly collection: string | null;
  readonly objects: readonly string[];
  readonly tokens: readonly string[];
  /** `ssn`, and `ssn.mask` and `.mask` where it was asked for or shown through a transformation. */
  readonly properties: readonly string[];
  readonly reason: string | null;
  readonly outcome: string;
  readonly rules: readonly string[];
  readonly remoteAddr: string | null;
  /** Whether something was shown. */
  readonly shown: boolean;
}

/** The columns in the order in which a row is written: the name in the table and the type of the column. */
const COLUMNS = {
  index: ['index', 'bigint'],
  time: ['time', 'timestamptz'],
  requestId: ['request_id', 'text'],
  callerRequestId: ['caller_request_id', 'text'],
  user: ['"user"', 'text'],
  role: ['role', 'text'],
  keyId: ['key_id', 'text'],
  subject: ['subject', 'text'],
  tenants: ['tenants', 'text[]'],
  operation: ['operation', 'text'],
  collection: ['collection', 'text'],
  objects: ['objects', 'uuid[]'],
  tokens: ['tokens', 'text[]'],
  properties: ['properties', 'text[]'],
  reason: ['reason', 'text'],
  outcome: ['outcome', 'text'],
  rules: ['rules', 'text[]'],
  remoteAddr: ['remote_addr', 'text'],
  shown: ['shown', 'boolean'],
} as const satisfies Record<keyof ProjectedEntry, readonly [name: string, type: string]>;

const MEMBERS = Object.keys(COLUMNS) as (keyof ProjectedEntry)[];
const NAMES = Object.values(COLUMNS).map(([name]) => name);
const HOUR_MS = 3_600_000;

/** The name of a column in the table. */
export function columnName(member: keyof ProjectedEntry): string {
  return COLUMNS[member][0];
}

/** How many entries are in the projection. Throws PV9010 where the row that says so is gone. */
export async function projectedSize(database: Database): Promise<number> {
  const rows = await database.run<{ size: string }>({
    name: 'projection-head',
    text: 'select size from access_log_projection_head where id = 1',
    values: [],
  });
  if (!rows[0]) throw new VaultError('PV9010', {}, "the head of the access log's projection is missing");
  return Number(rows[0].size);
}

/**
 * Whether the projection reached as far as `size` in the snapshot of the statement that returned `rows`: it may have been thrown away since it was waited for. Throws PV9010
 * where the row that says so is gone.
 */
export function reaches(rows: readonly { readonly projected: string }[], size: number): boolean {
  if (!rows[0]) throw new VaultError('PV9010', {}, "the head of the access log's projection is missing");
  return Number(rows[0].projected) >= size;
}

/** Adds the next entries to the projection, or nothing where another instance did already. */
export async function addToProjection(
  database: Database,
  from: number,
  entries: readonly ProjectedEntry[],
): Promise<boolean> {
  const hours = hoursOf(entries);
  const moved = await database.run({
    name: 'projection-add',
    text: ADD,
    values: [
      from,
      entries.length,
      ...MEMBERS.map((member) => columnOf(entries, member)),
      hours.map(({ hour }) => hour),
      hours.map(({ first }) => first),
      hours.map(({ last }) => last),
    ],
  });
  return moved.length === 1;
}

/** One statement for a batch: columns $3 and on, then the hours that it reaches. */
const ADD = `with head as (
    update access_log_projection_head set size = size + $2 where id = 1 and size = $1 returning size
  ), added as (
    insert into access_log_projection (${NAMES.join(', ')})
    select ${Object.values(COLUMNS)
      .map(([name, type]) => `e.${name}${type.endsWith('[]') ? `::${type}` : ''}`)
      .join(', ')}
      from unnest(${Object.values(COLUMNS)
        .map(([, type], i) => `$${i + 3}::${type.replace('[]', '').replace('uuid', 'text')}[]`)
        .join(', ')}) as e (${NAMES.join(', ')})
     where exists (select from head)
  ), hours as (
    insert into access_log_hour as h (hour, first_index, last_index)
    select * from unnest($${NAMES.length + 3}::timestamptz[], $${NAMES.length + 4}::bigint[], $${NAMES.length + 5}::bigint[])
     where exists (select from head)
        on conflict (hour) do update
       set first_index = least(h.first_index, excluded.first_index), last_index = greatest(h.last_index, excluded.last_index)
  ) select size from head`;

/** Throws the projection and its postings away, to be filled again by whoever catches up next. Queries that are waiting for it go on waiting. */
export async function clearProjection(database: Database): Promise<void> {
  await database.transaction(async (run) => {
    // Pruned entries, the first ones, have nothing to be projected any more.
    const kept = '(select coalesce(min(index), 0) from access_log where bytes is not null)';
    for (const [name, text] of [
      // The head of the postings before all else, as whoever makes or prunes some has it before the projection; and by itself, since what is read along with it could be from before a pruning that was
      // waited for.
      ['projection-lock-posting-head', 'select from access_log_posting_head where id = 1 for update'],
      [
        'projection-clear-posting-head',
        `update access_log_posting_head
            set first = ((kept + segment_size - 1) / segment_size)::int, next = ((kept + segment_size - 1) / segment_size)::int
           from (select ${kept} as kept) as log where id = 1`,
      ],
      // Then the tables: a statement that adds has them from its beginning and then waits for the head. The other way round the two would wait for each other.
      [
        'projection-lock',
        'lock table access_log_projection, access_log_hour, access_log_posting in access exclusive mode',
      ],
      ['projection-clear-head', `update access_log_projection_head set size = ${kept} where id = 1`],
      ['projection-clear', 'truncate access_log_projection, access_log_hour, access_log_posting'],
    ] as const) {
      await run({ name, text, values: [] });
    }
  });
}

/**
 * Tells the planner what is in the projection now; after many entries at once it would otherwise plan for an empty one. Left to whoever is
 * at it already, another instance or the database by itself: an auditor's page must not fail because of them.
 */
export async function analyseProjection(database: Database): Promise<void> {
  const text = 'analyze (skip_locked) access_log_projection';
  await database.run({ name: 'projection-analyse', text, values: [] });
}

/** The projected entries from `from` up to, not including, `to`, in order, for verification. */
export async function readProjection(
  database: Database,
  from: number,
  to: number,
): Promise<ProjectedEntry[]> {
  const columns = MEMBERS.map((member) => `${COLUMNS[member][0]} as "${member}"`).join(', ');
  const rows = await database.run<Omit<ProjectedEntry, 'index'> & { index: string }>({
    name: 'projection-read',
    text: `select ${columns} from access_log_projection where index >= $1 and index < $2 order by index`,
    values: [from, to],
  });
  return rows.map((row) => ({ ...row, index: Number(row.index) }));
}

/** The positions between which the entries of one hour lie. */
export interface ProjectedHour {
  readonly hour: Date;
  readonly first: number;
  readonly last: number;
}

/** The hours of the projection, in order. */
export async function readHours(database: Database): Promise<ProjectedHour[]> {
  const rows = await database.run<{ hour: Date; first: string; last: string }>({
    name: 'projection-hours',
    text: 'select hour, first_index as first, last_index as last from access_log_hour order by hour',
    values: [],
  });
  return rows.map(({ hour, first, last }) => ({ hour, first: Number(first), last: Number(last) }));
}

/** The hours that entries, given in the order of their positions, are of. */
export function hoursOf(entries: readonly Pick<ProjectedEntry, 'index' | 'time'>[]): ProjectedHour[] {
  const hours = new Map<number, ProjectedHour>();
  for (const { index, time } of entries) {
    const hour = hourOf(time);
    const known = hours.get(hour.getTime());
    hours.set(hour.getTime(), { hour, first: known?.first ?? index, last: index });
  }
  return [...hours.values()];
}

/** The beginning of the hour of a time. */
export function hourOf(time: Date): Date {
  return new Date(Math.floor(time.getTime() / HOUR_MS) * HOUR_MS);
}

function columnOf(entries: readonly ProjectedEntry[], member: keyof ProjectedEntry): unknown[] {
  return entries.map((entry) => {
    const value = entry[member];
    return Array.isArray(value) ? arrayLiteral(value as string[]) : value;
  });
}

/** A list as PostgreSQL's text: unnest would flatten a list of lists, a text per entry stays one element. */
function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`;
}
