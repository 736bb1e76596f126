import { jest } from '@jest/globals';
import cluster from 'node:cluster';
import { createLogger } from '../../src/logger.js';
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
  const fork = jest.spyOn(cluster, 'fork').mockImplementation(() => {
    throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
  });
  try {
    await expect(pool.start()).rejects.toThrow('A worker ended during its start, with ENOMEM.');
  } finally {
    fork.mockRestore();
  }
  await pool.stop();
});
