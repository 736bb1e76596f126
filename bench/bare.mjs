import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { SETTINGS } from '../dist/config.js';
import { statementsOf } from './bare-statements.mjs';
import { PROPERTIES, TOKENIZED, person } from './people.mjs';
import { connected, query } from './postgres.mjs';
import { freePort, startNode, untilReady } from './processes.mjs';

/** As many as the vault is given. */
const ROWS = 4_000;

/**
 * Starts a baseline with a database of its own and as many rows as the vault has objects.
 * @param {import('./postgres.mjs').Postgres} postgres
 * @param {import('./bare-statements.mjs').Style} name
 * @returns {Promise<import('./load.mjs').Contestant>}
 */
export async function startBare(postgres, name) {
  const databaseUrl = await postgres.createDatabase(name);
  const key = name === 'bare_pgcrypto' ? [randomBytes(32).toString('hex')] : [];
  const ids = await fill(databaseUrl, statementsOf(name), key);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = startNode([fileURLToPath(new URL('bare-server.mjs', import.meta.url))], {
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    POOL_SIZE: String(SETTINGS['db.max_open_conns'].fallback),
    STYLE: name,
    ...(key[0] && { ENCRYPTION_KEY: key[0] }),
  });
  await untilReady(`${url}/health`, server.ended);
  return {
    name,
    url,
    pid: server.pid,
    databasePid: postgres.pid,
    walBytes: postgres.walBytes,
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
 * Fills the tables by the statements that the server uses.
 * @param {string} databaseUrl
 * @param {import('./bare-statements.mjs').BareStatements} statements
 * @param {readonly string[]} key
 * @returns {Promise<string[]>} the ids, of objects and of tokens alike
 */
async function fill(databaseUrl, { tables, addObject, tokenize }, key) {
  const ids = Array.from({ length: ROWS }, () => randomUUID());
  await connected(databaseUrl, async (client) => {
    await client.query(tables);
    await client.query('begin');
    for (const id of ids) {
      const someone = person();
      const object = [id, ...PROPERTIES.map((name) => someone[name]), ...key];
      const token = [id, id, ...TOKENIZED.map((name) => someone[name]), ...key];
      await client.query({ name: 'object', text: addObject.text, values: object });
      await client.query({ name: 'token', text: tokenize.text, values: token });
    }
    await client.query('commit');
    await client.query('vacuum analyze');
  });
  return ids;
}

/**
 * Whether this PostgreSQL can do what a baseline needs; not every distribution brings pgcrypto.
 * @param {import('./postgres.mjs').Postgres} postgres
 */
export async function hasPgcrypto(postgres) {
  const url = await postgres.createDatabase('pgcrypto_there');
  return (await query(url, `select from pg_available_extensions where name = 'pgcrypto'`)).length > 0;
}
