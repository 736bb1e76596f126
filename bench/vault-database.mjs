import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Loads modules of a compiled vault.
 * @param {string} dist
 * @param {string[]} files
 * @returns {Promise<any[]>}
 */
export function modulesOf(dist, ...files) {
  return Promise.all(files.map((file) => import(pathToFileURL(path.join(dist, file)).href)));
}

/**
 * Works on a vault's database with the vault's own connections, past its API.
 * @template T
 * @param {string} dist
 * @param {string} url
 * @param {(database: any) => Promise<T>} work
 * @param {{ poolSize?: number, statementTimeoutMs?: number }} [more]
 * @returns {Promise<T>}
 */
export async function withDatabase(dist, url, work, { poolSize = 2, statementTimeoutMs = 60_000 } = {}) {
  const [{ Database }] = await modulesOf(dist, 'store/database.js');
  const onConnectionError = () => undefined;
  const database = new Database({
    url,
    poolSize,
    statementTimeoutMs,
    lockTimeoutMs: 2_000,
    onConnectionError,
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
