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
  return headOf(
    await database.run<HeadRow>({
      name: 'access-log-head',
      text: 'select size, frontier from access_log_head where id = 1',
      values: [],
    }),
  );
}

/**
 * Appends a batch behind `head` and moves the head to `frontier`, or does nothing where another instance was first: the
 * size is a compare-and-swap. Durable when this resolves with true.
 */
export async function appendToLog(
  database: Database,
  head: LogHead,
  entries: readonly AppendedEntry[],
  frontier: Buffer,
): Promise<boolean> {
  return (await database.run(appendStatement(head, entries, frontier))).length === 1;
}

/**
 * Appends a batch behind whatever the head is, which other instances wait for meanwhile; `frontierBehind` tells the new frontier. Resolves
 * with the head that was found when the batch is durable. Throws PV9010 as {@link readLogHead} does.
 */
export async function appendBehindLock(
  database: Database,
  entries: readonly AppendedEntry[],
  frontierBehind: (head: LogHead) => Buffer,
): Promise<LogHead> {
  return database.transaction(async (run) => {
    const head = headOf(
      await run<HeadRow>({
        name: 'access-log-head-lock',
        text: 'select size, frontier from access_log_head where id = 1 for update',
        values: [],
      }),
    );
    await run(appendStatement(head, entries, frontierBehind(head)));
    return head;
  });
}

interface HeadRow {
  size: string;
  frontier: Buffer;
}

function headOf([row]: readonly HeadRow[]): LogHead {
  if (!row) throw new VaultError('PV9010', {}, 'the head of the access log is missing');
  return { size: Number(row.size), frontier: row.frontier };
}

/** One statement for the whole batch. It returns a row where the head was still the given one. */
function appendStatement(head: LogHead, entries: readonly AppendedEntry[], frontier: Buffer): Statement {
  const texts = entries.flatMap((entry, i) => entry.texts.map((text) => ({ ...text, at: head.size + i })));
  const { bytes, starts, lengths } = slicesOf(entries.map((entry) => entry.bytes));
  const swap = `with head as (
      update access_log_head set size = size + $2, frontier = $3 where id = 1 and size = $1 returning size
    ), log as (
      insert into access_log (index, bytes, leaf)
      select $1 + entry.nth - 1, ${cut('$4', 'entry.at', 'entry.length')},
             substring($5::bytea from (entry.nth::int - 1) * ${HASH_BYTES} + 1 for ${HASH_BYTES})
        from unnest($6::int[], $7::int[]) with ordinality as entry (at, length, nth)
       where exists (select from head)
    )`;
  const values = [
    head.size,
    entries.length,
    frontier,
    bytes,
    Buffer.concat(entries.map((entry) => entry.leaf)),
    starts,
    lengths,
  ];
  if (texts.length === 0) {
    return { name: 'access-log-append', text: `${swap} select size from head`, values };
  }
  return {
    name: 'access-log-append-texts',
    text: `${swap}, texts as (
        insert into access_log_text (index, kind, salt, text)
        select * from unnest($8::bigint[], $9::text[], $10::bytea[], $11::text[]) where exists (select from head)
      ) select size from head`,
    values: [
      ...values,
      texts.map((text) => text.at),
      texts.map((text) => text.kind),
      texts.map((text) => text.salt),
      texts.map((text) => text.text),
    ],
  };
}
