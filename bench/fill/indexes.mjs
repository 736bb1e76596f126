/** Memory for sorting while an index is made; two are made at a time. */
const SORT_MEMORY = '512MB';

/**
 * @typedef {object} Definition
 * @property {string} name with its table, for people
 * @property {string} table
 * @property {string} drop
 * @property {string} create
 */

/**
 * Everything on these tables that a new row has to be entered in or checked against: indexes, and keys and references, which come first, as they
 * have to be dropped first. Read from the catalog, so that what is made again is what the migrations made.
 * @param {import('pg').Client} client
 * @param {readonly string[]} tables
 * @returns {Promise<Definition[]>}
 */
export async function definitionsOn(client, tables) {
  const { rows } = await client.query(
    `with definition as (
       select conrelid as relation, conname as name, case contype when 'f' then 1 else 2 end as turn,
              format('alter table %s drop constraint %I', conrelid::regclass, conname) as "drop",
              format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as "create"
         from pg_constraint where contype in ('p', 'u', 'f', 'x')
       union all
       select indrelid, c.relname, 3, format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
         from pg_index join pg_class c on c.oid = indexrelid
        where not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
     )
     select relation::regclass || ' ' || name as name, relation::regclass::text as "table", "drop", "create" from definition
      where relation = any($1::regclass[]) order by turn, relation::regclass::text, name`,
    [tables],
  );
  return rows;
}

/** @param {import('pg').Client} client @param {readonly Definition[]} definitions */
export async function dropAll(client, definitions) {
  for (const { drop } of definitions) await client.query(drop);
}

/**
 * Makes them again, those of different tables at the same time; references last, which need the keys.
 * @param {readonly import('pg').Client[]} clients
 * @param {readonly Definition[]} definitions
 */
export async function createAll(clients, definitions) {
  const isReference = (/** @type {Definition} */ { create }) => create.includes(' FOREIGN KEY ');
  for (const part of [definitions.filter((one) => !isReference(one)), definitions.filter(isReference)]) {
    const tables = [...new Set(part.map(({ table }) => table))];
    await Promise.all(
      clients.map(async (client) => {
        await client.query(`set maintenance_work_mem = '${SORT_MEMORY}'`);
        for (let table = tables.shift(); table !== undefined; table = tables.shift()) {
          for (const { create } of part.filter((one) => one.table === table)) await client.query(create);
        }
      }),
    );
  }
}
