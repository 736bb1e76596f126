import type { Logger } from 'winston';
import type { Config } from '../../config.js';
import { createLogger } from '../../logger.js';
import type { Terminal } from '../terminal.js';

/** The operator's log of a server, where the settings want it. `worker`: which of several processes writes. */
export function openLog(config: Config, terminal: Terminal, worker?: number): Logger {
  const output = config['log.destination'] === 'stderr' ? terminal.stderr : terminal.stdout;
  return createLogger(config['log.level'], output, {
    customer_identifier: config['log.customer_identifier'],
    customer_env: config['log.customer_env'],
    customer_region: config['log.customer_region'],
    ...(worker !== undefined && { worker }),
  });
}
