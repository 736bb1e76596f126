import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { from } from 'pg-copy-streams';
import { COPY_END, COPY_HEAD } from './fill/binary-rows.mjs';
import { createAll, definitionsOn, dropAll } from './fill/indexes.mjs';
import { checkKnown } from './fill/check.mjs';
import { bytesPerObject } from './fill/sizes.mjs';
import { TABLES } from './fill/tables.mjs';
import { connected } from './postgres.mjs';

/** Threads that seal; PostgreSQL works beside them. */
const THREADS = 2;
/** Fewer are sealed before another thread has loaded the vault's modules. */
const WORTH_A_THREAD = 5_000;
/** Batches that a thread has made or is making and the database has not taken. */
const AHEAD = 3;
/** Of as many as this is told what they are: a load draws from them, evenly from all there is. */
const SAMPLE = 200_000;
/** So many of these with all they hold, to compare with what the vault makes of them. */
const KNOWN = 300;
const PROGRESS_MS = 10_000;

/**
 * What is in a vault, to be asked for.
 * @typedef {object} Filled
 * @property {string[]} objects ids
 * @property {string[]} tokens ids
 * @property {string[]} emails of the objects, where they are indexed
 * @property {string[]} ciphertexts
 *
 * @typedef {{ object: string, token: string, someone: Record<string, string> }} Known
 * @typedef {Filled & { known: Known[] }} Copied
 */

/**
 * Fills a vault without objects with some, and a token for each, past its API but with its own keys and its own sealing: what lies in the tables is
 * what the API would have written, only the access log says nothing of it. Threads seal, and the rows go into each table by one binary COPY, frozen, so that
 * nothing is left to be written when they are first read. Indexes are made afterwards unless `keepIndexes`. The tables are locked meanwhile. In the end
 * the vault is asked for some of it.
 * @param {number} count
 * @param {(line: string) => void} say
 * @param {{ keepIndexes?: boolean }} [how]
 * @returns {(vault: import('./fill/sealer.mjs').RunningVault) => Promise<Filled>}
 */
export function fillDirectly(count, say, { keepIndexes = false } = {}) {
  return async (vault) => {
    const tables = Object.keys(TABLES);
    const made = await connected(vault.databaseUrl, async (client) => {
      for (const table of tables) await requireEmpty(client, table);
      const definitions = keepIndexes ? [] : await definitionsOn(client, tables);
      await dropAll(client, definitions);
      const started = performance.now();
      const copied = await copyRows(vault, count, say);
      const took = performance.now() - started;
      await connected(vault.databaseUrl, (second) => createAll([client, second], definitions));
      const all = performance.now() - started;
      say(
        `  ${count} objects and as many tokens in ${seconds(all)} s, of which ${seconds(all - took)} for indexes: ${Math.round((count * 1_000) / all)} of both a second`,
      );
      await client.query('analyze');
      await client.query('checkpoint');
      return copied;
    });
    for (const [table, bytes] of Object.entries(await bytesPerObject(vault.databaseUrl, tables, count)))
      say(`  ${table}: ${bytes.table} bytes each, and ${bytes.indexes} in indexes`);
    await checkKnown(vault, made.known);
    say(`  ${made.known.length} of each were read through the vault`);
    return made;
  };
}

/**
 * @param {import('./fill/sealer.mjs').VaultKeys} vault
 * @param {number} count
 * @param {(line: string) => void} say
 */
async function copyRows({ databaseUrl, rootKey, dist }, count, say) {
  /** @type {Copied} */
  const made = { objects: [], tokens: [], emails: [], ciphertexts: [], known: [] };
  const copies = await Promise.all(
    Object.entries(TABLES).map(([name, table]) => openCopy(databaseUrl, name, table)),
  );
  const started = performance.now();
  let done = 0;
  const progress = setInterval(() => {
    const rate = Math.round((done * 1_000) / (performance.now() - started));
    say(`  ${done} of ${count} objects and tokens, ${rate} of both a second`);
  }, PROGRESS_MS);
  const sampleEvery = Math.ceil(count / SAMPLE);
  const knownEvery = sampleEvery * Math.ceil(count / sampleEvery / KNOWN);
  const threads = Math.min(THREADS, Math.ceil(count / WORTH_A_THREAD));
  const sealing = Array.from({ length: threads }, (_, i) => {
    const share = Math.floor((count + i) / threads);
    const work = { vault: { databaseUrl, rootKey, dist }, count: share, sampleEvery, knownEvery };
    return sealInThread(work, async (batch) => {
      await Promise.all(copies.map((copy, nth) => copy.write(Buffer.from(batch.rows[nth]))));
      done += batch.size;
      for (const { object, token, email, someone } of batch.sample) {
        made.objects.push(object);
        made.tokens.push(token);
        made.emails.push(email);
        if (someone) made.known.push({ object, token, someone });
      }
    });
  });
  try {
    await Promise.all(sealing.map(({ sealed }) => sealed));
    await Promise.all(copies.map((copy) => copy.commit()));
    return made;
  } finally {
    clearInterval(progress);
    await Promise.all(sealing.map(({ end }) => end()));
    await Promise.all(copies.map((copy) => copy.close()));
  }
}

/**
 * Has a thread seal, and gives each batch to `take`. `sealed` resolves when all are taken; a thread that nobody asks any more waits until it is ended.
 * @param {{ vault: import('./fill/sealer.mjs').VaultKeys, count: number, sampleEvery: number, knownEvery: number }} work
 * @param {(batch: { size: number, sample: { object: string, token: string, email: string, someone?: Record<string, string> }[], rows: ArrayBuffer[] }) => Promise<void>} take
 */
function sealInThread(work, take) {
  const worker = new Worker(new URL('fill/worker.mjs', import.meta.url), {
    workerData: work,
    // Nearly everything is garbage at once: with little room it is looked at over and over.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  const sealed = new Promise((resolve, reject) => {
    let left = work.count;
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('A thread ended before it had sealed its share.')));
    worker.on('message', (batch) => {
      take(batch).then(() => {
        left -= batch.size;
        if (left === 0) resolve(undefined);
        else worker.postMessage('next');
      }, reject);
    });
    for (let i = 0; i < AHEAD; i++) worker.postMessage('next');
  });
  return { sealed, end: () => worker.terminate() };
}

/**
 * A COPY into a table that must be empty, on a connection of its own.
 * @param {string} databaseUrl
 * @param {string} name
 * @param {{ columns: string }} table
 */
async function openCopy(databaseUrl, name, { columns }) {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await requireEmpty(client, name);
  // Rows can be written frozen only into a table that was made or emptied by the same transaction.
  await client.query(`truncate ${name}`);
  const stream = client.query(from(`copy ${name} (${columns}) from stdin (format binary, freeze)`));
  const finished = new Promise((resolve, reject) => stream.once('error', reject).once('finish', resolve));
  finished.catch(() => undefined);
  const write = (/** @type {Buffer} */ bytes) =>
    new Promise((resolve, reject) =>
      stream.write(bytes, (error) => (error ? reject(error) : resolve(undefined))),
    );
  await write(COPY_HEAD);
  return {
    write,
    async commit() {
      stream.end(COPY_END);
      await finished;
      await client.query('commit');
    },
    close: () => client.end(),
  };
}

/** @param {pg.Client} client @param {string} table */
async function requireEmpty(client, table) {
  const { rowCount } = await client.query(`select from ${table} limit 1`);
  if (rowCount !== 0) throw new Error(`There are rows in ${table}: only an empty vault can be filled.`);
}

/** @param {number} milliseconds */
function seconds(milliseconds) {
  return (milliseconds / 1_000).toFixed(1);
}
