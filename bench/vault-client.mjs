import { COLLECTION } from './people.mjs';
import { query } from './postgres.mjs';
import { modulesOf, withDatabase } from './vault-database.mjs';

export const API = '/api/pvlt/1.0';
export const DATA = `${API}/data/collections/${COLLECTION}`;
export const REASON = 'reason=AppFunctionality';

/**
 * Requests with a key; resolves with the parsed answer and throws unless it is 200.
 * @param {string} url
 * @param {string} key
 * @returns {(method: string, path: string, body?: string, type?: string) => Promise<any>}
 */
export function client(url, key) {
  return async (method, target, body, type = 'application/json') => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': type };
    const answer = await fetch(`${url}${target}`, { method, headers, body });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${method} ${target} answered ${answer.status}: ${text}`);
    return text === '' || !answer.headers.get('content-type')?.startsWith('application/json')
      ? text
      : JSON.parse(text);
  };
}

/**
 * Recomputes the access log's tree from its bytes. Throws where it is wrong.
 * @param {string} dist
 * @param {string} databaseUrl
 * @returns {Promise<number>} how many entries there are
 */
export async function verifiedEntries(dist, databaseUrl) {
  const [{ verifyLog }] = await modulesOf(dist, 'access-log/verify.js');
  return withDatabase(dist, databaseUrl, async (database) => {
    const found = await verifyLog(database);
    if (!found.ok) throw new Error(`the access log is wrong at index ${found.index}: ${found.problem}`);
    return found.size;
  });
}

/**
 * What the access log takes on disk, with its projection and all indexes.
 * @param {string} databaseUrl
 * @returns {Promise<number>}
 */
export async function bytesOfLog(databaseUrl) {
  const [{ bytes }] = await query(
    databaseUrl,
    `select sum(pg_total_relation_size(oid)) as bytes from pg_class where relkind = 'r' and relname like 'access\\_log%'`,
  );
  return Number(bytes);
}
