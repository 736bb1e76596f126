/**
 * A thread that seals: `count` objects and tokens, in batches that the main thread asks for one by one, so that it is never far ahead of the
 * database. Of every `sampleEvery`-th it tells what it is, and of every `knownEvery`-th also what it holds, for whoever
 * asks the vault for it afterwards.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { BinaryRows } from './binary-rows.mjs';
import { sealerOf } from './sealer.mjs';
import { TABLES } from './tables.mjs';

/** Objects in a batch. */
const BATCH = 2_000;

const { vault, count, sampleEvery, knownEvery } = workerData;
const tables = Object.entries(TABLES).map(([name, { write }]) => ({ name, write, rows: new BinaryRows() }));
const seal = await sealerOf(vault);
let left = count;

parentPort?.on('message', () => {
  if (left === 0) return;
  const size = Math.min(BATCH, left);
  const sample = [];
  for (let i = 0; i < size; i++) {
    const sealed = seal();
    for (const { write, rows } of tables) write(rows, sealed);
    if ((left - i) % sampleEvery !== 0) continue;
    const { object, tokenId: token, email, someone } = sealed;
    sample.push({ object: object.id, token, email, ...((left - i) % knownEvery === 0 && { someone }) });
  }
  left -= size;
  const rows = tables.map((table) => table.rows.take());
  parentPort?.postMessage({ size, sample, rows }, rows);
  if (left === 0) parentPort?.close();
});
