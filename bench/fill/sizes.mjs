import { query } from '../postgres.mjs';

/**
 * Bytes on disk of each table, without its indexes and with them, for each object; all objects have one token.
 * @param {string} databaseUrl
 * @param {readonly string[]} tables
 * @param {number} count
 * @returns {Promise<Record<string, { table: number, indexes: number }>>}
 */
export async function bytesPerObject(databaseUrl, tables, count) {
  const rows = await query(
    databaseUrl,
    `select name, pg_table_size(name::regclass) as table, pg_indexes_size(name::regclass) as indexes
       from unnest($1::text[]) as name`,
    [tables],
  );
  return Object.fromEntries(
    rows.map(({ name, ...sizes }) => [
      name,
      Object.fromEntries(
        Object.entries(sizes).map(([what, bytes]) => [what, Math.round(Number(bytes) / count)]),
      ),
    ]),
  );
}
