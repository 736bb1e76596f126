import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../dist/store/embedded/index.js';
import { onEnd } from './processes.mjs';

/**
 * @typedef {object} Postgres
 * @property {number} pid
 * @property {() => number} currentPid another one than `pid` after a crash
 * @property {string} version
 * @property {() => Promise<number>} walBytes written to the write-ahead log so far
 * @property {(name: string) => Promise<string>} createDatabase makes an empty database and returns its URL
 */

/**
 * The vault's own embedded PostgreSQL, durable, in a temporary directory; gone when the bench ends.
 * @param {{ sharedBuffers?: string }} [settings]
 * @returns {Promise<Postgres>}
 */
export async function startPostgres({ sharedBuffers } = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), `coatcheck-bench-${process.pid}-`));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  const server = await startEmbeddedPostgres({ dataDir: path.join(folder, 'data'), sharedBuffers });
  onEnd(() => server.stop());

  const [{ server_version: version }] = await query(server.url, 'show server_version');
  return {
    pid: server.pid,
    currentPid: () => server.pid,
    version,
    async walBytes() {
      const [{ bytes }] = await query(
        server.url,
        `select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as bytes`,
      );
      return Number(bytes);
    },
    async createDatabase(name) {
      await query(server.url, `create database ${name} template template0`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },
  };
}

/**
 * Runs a statement on a connection of its own.
 * @param {string} url
 * @param {string} text
 * @param {unknown[]} [values]
 * @returns {Promise<any[]>}
 */
export function query(url, text, values) {
  return connected(url, async (client) => (await client.query(text, values)).rows);
}

/**
 * Works on a connection of its own.
 * @template T
 * @param {string} url
 * @param {(client: pg.Client) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function connected(url, work) {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
