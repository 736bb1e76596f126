import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { SETTINGS } from '../dist/config.js';
import { PROPERTIES, TOKENIZED, person } from './people.mjs';
import { query } from './postgres.mjs';
import { freePort, startNode, untilReady } from './processes.mjs';

/** As many as the vault is given. */
const ROWS = 4_000;

const TABLES = `
create table bare_object (id uuid primary key, ${PROPERTIES.map((name) => `${name} text not null`).join(', ')});
create table bare_token (id uuid primary key, object_id uuid, ${TOKENIZED.map((name) => `${name} text not null`).join(', ')});
create table bare_audit (id bigserial primary key, at timestamptz not null, request_id uuid not null, client text not null,
  operation text not null, subject uuid not null)`;

/**
 * Starts a baseline with a database of its own and as many rows as the vault has objects.
 * @param {import('./postgres.mjs').Postgres} postgres
 * @param {'bare' | 'bare_audited'} name
 * @returns {Promise<import('./load.mjs').Contestant>}
 */
export async function startBare(postgres, name) {
  const databaseUrl = await postgres.createDatabase(name);
  const ids = await fill(databaseUrl);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = startNode([fileURLToPath(new URL('bare-server.mjs', import.meta.url))], {
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    POOL_SIZE: String(SETTINGS['db.max_open_conns'].fallback),
    AUDITED: name === 'bare_audited' ? '1' : '0',
  });
  await untilReady(`${url}/health`, server.ended);
  return {
    name,
    url,
    pid: server.pid,
    databasePid: postgres.pid,
    answers: 0,
    plan: (scenario) => planOf(scenario, ids),
  };
}

/**
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {string[]} ids
 * @returns {import('./load.mjs').Plan}
 */
function planOf(scenario, ids) {
  const headers = { authorization: 'Bearer nobody-looks-at-this', 'content-type': 'application/json' };
  const id = () => ids[Math.floor(Math.random() * ids.length)] ?? '';
  const { name = '', ssn = '' } = person();
  switch (scenario) {
    case 'detokenize':
      return { next: () => ({ method: 'GET', path: `/tokens/${id()}`, headers }), shows: '"ssn":"' };
    case 'get_object':
      return { next: () => ({ method: 'GET', path: `/objects/${id()}`, headers }), shows: '"address":"' };
    case 'tokenize':
      return {
        next: () => ({
          method: 'POST',
          path: '/tokens',
          headers,
          body: JSON.stringify({ object_id: id(), name, ssn }),
        }),
        shows: '"token_id":"',
      };
    case 'add_object':
      return {
        next: () => ({ method: 'POST', path: '/objects', headers, body: JSON.stringify(person()) }),
        shows: '"id":"',
      };
  }
}

/**
 * @param {string} databaseUrl
 * @returns {Promise<string[]>} the ids, of objects and of tokens alike
 */
async function fill(databaseUrl) {
  await query(databaseUrl, TABLES);
  const ids = Array.from({ length: ROWS }, () => randomUUID());
  const people = ids.map(() => person());
  const column = (/** @type {string} */ name) => people.map((one) => one[name]);
  await insert('bare_object', PROPERTIES);
  await insert('bare_token', TOKENIZED);
  await query(databaseUrl, 'vacuum analyze');
  return ids;

  /** @param {string} table @param {readonly string[]} names */
  async function insert(table, names) {
    const arrays = names.map((_, i) => `$${i + 2}::text[]`).join(', ');
    const text = `insert into ${table} (id, ${names.join(', ')}) select * from unnest($1::uuid[], ${arrays})`;
    await query(databaseUrl, text, [ids, ...names.map(column)]);
  }
}
