import { open, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onEnd } from './processes.mjs';

/**
 * @typedef {object} RequestLog
 * @property {number} file what a server is to print to
 * @property {() => Promise<number[]>} durations milliseconds of the answered requests since the last call
 */

/**
 * A place for the request log of a vault, which says of each request how long it was in the process: from its arrival to its answer, without
 * the network and the load generator. Gone when the bench ends.
 * @returns {Promise<RequestLog>}
 */
export async function openRequestLog() {
  const folder = await mkdtemp(path.join(os.tmpdir(), `coatcheck-bench-log-${process.pid}-`));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  const file = await open(path.join(folder, 'requests'), 'a+');
  onEnd(() => file.close());
  let at = 0;
  let rest = '';

  return {
    file: file.fd,
    async durations() {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - at), position: at });
      at += bytesRead;
      const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
      rest = lines.pop() ?? '';
      return lines
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line))
        .filter(({ message }) => message === 'request')
        .map(({ duration }) => duration);
    },
  };
}
