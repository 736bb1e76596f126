import { join } from 'node:path';
import type { Config } from '../config.js';
import { type TlsOptions, loadTls, selfSigned } from '../http/tls.js';

/** What the settings say of TLS, with a certificate made where they ask for one; null: plain HTTP. */
export async function tlsOf(config: Config): Promise<TlsOptions | null> {
  const clientCaFile = config['tls.client_ca_file'] || null;
  if (config['tls.selfsigned']) {
    const made = await selfSigned(join(config.data_dir, 'tls'));
    return loadTls({ ...made, clientCaFile });
  }
  if (!config['tls.enable']) return null;
  return loadTls({ certFile: config['tls.cert_file'], keyFile: config['tls.key_file'], clientCaFile });
}
