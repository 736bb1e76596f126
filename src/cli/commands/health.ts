import http from 'node:http';
import https from 'node:https';
import type { Config } from '../../config.js';
import { CommandError } from '../terminal.js';

const TIMEOUT_MS = 2_000;
const WILDCARDS = new Set(['0.0.0.0', '::']);

/** Asks the vault on this machine whether it can serve data. Throws {@link CommandError} where it cannot. */
export async function health(config: Config): Promise<void> {
  const { host, port } = config['service.listen_addr'];
  const encrypted = config['tls.enable'] || config['tls.selfsigned'];
  const options = {
    host: WILDCARDS.has(host) ? '127.0.0.1' : host,
    port,
    path: '/api/pvlt/1.0/data/info/health',
    timeout: TIMEOUT_MS,
    // Nothing secret is sent and nothing but a status is read: the name in the certificate is the public one.
    rejectUnauthorized: false,
  };
  const status = await new Promise<number | undefined>((resolve) => {
    const request = (encrypted ? https : http).get(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
  if (status !== 200) throw new CommandError(`The vault is not healthy: ${status ?? 'no answer'}.`);
}
