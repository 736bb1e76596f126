import type { Logger } from 'winston';
import type { Config } from '../config.js';
import { Database } from '../store/database.js';

/** A transaction and a statement beside it. */
const FEWEST_CONNECTIONS = 2;

/** The connections of this process, with the limits of the settings. */
export function openDatabase(config: Config, url: string, log: Logger): Database {
  return new Database({
    url,
    poolSize: Math.max(
      FEWEST_CONNECTIONS,
      Math.floor(config['db.max_open_conns'] / config['service.workers']),
    ),
    statementTimeoutMs: config['service.timeout_seconds'] * 1000,
    lockTimeoutMs: 2_000,
    connectionLifetimeSeconds: config['db.conn_max_lifetime_minutes'] * 60,
    onConnectionError: () => log.warn('a database connection broke'),
  });
}
