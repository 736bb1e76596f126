import cluster from 'node:cluster';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createLogger } from '../../src/logger.js';
import { until } from '../support/until.js';
import { WorkerPool } from '../../src/workers/worker-pool.js';

test('a process that cannot be made ends the start, and nobody waits for its end', async () => {
  const log = createLogger('error', process.stderr, {});
  const pool = new WorkerPool({ size: 2, databaseUrl: '', limits: { address: 0, client: 0 }, log });
  cluster.setupPrimary({ cwd: '/nonexistent' });
  await expect(pool.start()).rejects.toThrow('A worker ended during its start, with ENOENT.');
  await pool.stop();
});

test('one that cannot be made for want of memory, which is told at once, ends it as well', async () => {
  const log = createLogger('error', process.stderr, {});
  const pool = new WorkerPool({ size: 2, databaseUrl: '', limits: { address: 0, client: 0 }, log });
  const { fork } = cluster;
  cluster.fork = () => {
    throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
  };
  try {
    await expect(pool.start()).rejects.toThrow('A worker ended during its start, with ENOMEM.');
  } finally {
    cluster.fork = fork;
  }
  await pool.stop();
});

test('one that lives and does not answer any more is killed and replaced', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-pulse-'));
  const told: unknown[][] = [];
  const tell = (...line: unknown[]): void => void told.push(line);
  const pool = new WorkerPool({
    size: 1,
    databaseUrl: path.join(folder, 'hung'),
    limits: { address: 0, client: 0 },
    log: { error: tell, info: tell } as never,
    pulseEveryMs: 50,
  });
  cluster.setupPrimary({
    exec: path.join(import.meta.dirname, 'hanging-worker.mjs'),
    cwd: process.cwd(),
    execArgv: [],
  });
  try {
    await pool.start();
    await until('another worker serves', () => told.some(([message]) => message === 'a worker serves'));
    expect(told).toEqual([
      ['a worker does not answer and is killed', { worker: 1, pid: expect.any(Number) }],
      ['a worker ended and is replaced', expect.objectContaining({ worker: 1, ended: 'SIGKILL' })],
      ['a worker serves', { worker: 1 }],
    ]);
  } finally {
    await pool.stop();
    rmSync(folder, { recursive: true });
  }
});
