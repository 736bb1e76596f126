import os from 'node:os';

/**
 * What the figures were measured on; without it they mean nothing.
 * @param {import('./postgres.mjs').Postgres} postgres
 */
export function machine(postgres) {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memory_gb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    postgresql: postgres.version,
    load_average: os.loadavg().map((load) => Math.round(load * 100) / 100),
  };
}
