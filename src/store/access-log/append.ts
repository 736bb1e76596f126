import { VaultError } from '../../errors.js';
import type { Database, Statement } from '../database.js';
import { cut, slicesOf } from '../slices.js';

/** An entry ready to be appended: the exact bytes that are hashed, and the free texts kept beside them. */
export interface AppendedEntry {
  readonly bytes: Buffer;
  readonly leaf: Buffer;
  readonly texts: readonly { readonly kind: string; readonly salt: Buffer; readonly text: string }[];
}

/** Length of a leaf's or a node's hash. */
export const HASH_BYTES = 32;

/** The head of the log's tree as stored. */
export interface LogHead {
  readonly size: number;
  readonly frontier: Buffer;
}

/** The head of the log. Throws PV9010 where its row is gone: the vault itself never removes it. */
export async function readLogHead(database: Database): Promise<LogHead> {
  const [row] = await database.run<{ size: string; frontier: Buffer }>({
    name: 'access-log-head',
    text: 'select size, frontier from access_log_head where id = 1',
    values: [],
  });
  if (!row) throw headMissing();
  return { size: Number(row.size), frontier: row.frontier };
}

/**
 * Appends a batch behind whatever the head is, and moves the head: the database works out the tree's new edge itself, so that instances which
 * append at the same time only wait for each other's commit. Resolves with the index of the first entry when the batch is durable. Throws PV9010 as
 * {@link readLogHead} does, and PV1000 where the head is no tree's: the log must not go on behind it.
 */
export async function appendToLog(database: Database, entries: readonly AppendedEntry[]): Promise<number> {
  const [row] = await database.run<{ first: string }>(appendStatement(entries));
  if (!row) throw headMissing();
  return Number(row.first);
}

function headMissing(): VaultError {
  return new VaultError('PV9010', {}, 'the head of the access log is missing');
}

/**
 * One statement for the whole batch, whose answer is where it begins. The head is locked before its edge is worked out: a plain update
 * would do so twice where it had to wait for another instance.
 */
function appendStatement(entries: readonly AppendedEntry[]): Statement {
  const texts = entries.flatMap((entry, nth) => entry.texts.map((text) => ({ ...text, nth })));
  const { bytes, starts, lengths } = slicesOf(entries.map((entry) => entry.bytes));
  const append = `with head as materialized (
      select size, frontier from access_log_head where id = 1 for update
    ), after as materialized (
      select size as first, access_log_frontier(size, frontier, $1) as frontier from head
    ), moved as (
      update access_log_head head set size = after.first + length($1::bytea) / ${HASH_BYTES}, frontier = after.frontier
        from after where head.id = 1
    ), log as (
      insert into access_log (index, bytes, leaf)
      select after.first + entry.nth - 1, ${cut('$2', 'entry.at', 'entry.length')},
             substring($1::bytea from (entry.nth::int - 1) * ${HASH_BYTES} + 1 for ${HASH_BYTES})
        from after, unnest($3::int[], $4::int[]) with ordinality as entry (at, length, nth)
    )`;
  const values = [Buffer.concat(entries.map((entry) => entry.leaf)), bytes, starts, lengths];
  if (texts.length === 0) {
    return { name: 'access-log-append', text: `${append} select first from after`, values };
  }
  return {
    name: 'access-log-append-texts',
    text: `${append}, texts as (
        insert into access_log_text (index, kind, salt, text)
        select after.first + text.nth, text.kind, text.salt, text.text
          from after, unnest($5::int[], $6::text[], $7::bytea[], $8::text[]) as text (nth, kind, salt, text)
      ) select first from after`,
    values: [
      ...values,
      texts.map((text) => text.nth),
      texts.map((text) => text.kind),
      texts.map((text) => text.salt),
      texts.map((text) => text.text),
    ],
  };
}
