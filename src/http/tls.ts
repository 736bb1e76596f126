import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What node:tls needs. */
export interface TlsOptions {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
  /** Whose client certificates are accepted; absent: clients need none. */
  readonly ca?: Buffer;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}

/** Where the certificates come from. `clientCaFile`: clients must show a certificate that one of these authorities issued. */
export interface TlsSource {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile: string | null;
}

/** Reads certificate and key. Throws where a file cannot be read. */
export async function loadTls({ certFile, keyFile, clientCaFile }: TlsSource): Promise<TlsOptions> {
  const [cert, key, ca] = await Promise.all([
    readFile(certFile),
    readFile(keyFile),
    clientCaFile === null ? null : readFile(clientCaFile),
  ]);
  const clients = ca ? { ca, requestCert: true, rejectUnauthorized: true } : {};
  return { cert, key, minVersion: 'TLSv1.2', ...clients };
}

const FILES = ['ca.pem', 'server.pem', 'server-key.pem', 'client.pem', 'client-key.pem'] as const;
const DAY_MS = 86_400_000;

/**
 * Makes an authority, a server certificate for localhost and a client certificate in a directory, unless valid ones are there. The key of
 * the authority is thrown away: nobody can issue a third certificate. node-forge only writes here; it never reads what others made.
 */
export async function selfSigned(directory: string): Promise<TlsSource & { readonly clientCaFile: string }> {
  const file = (name: (typeof FILES)[number]): string => path.join(directory, name);
  if (!(await stillValid(directory))) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // Loaded when it is needed, which is once in two years.
    const { issueAll } = await import('./issue-certificates.js');
    const contents = issueAll(new Date());
    await Promise.all(FILES.map((name, i) => writeSecret(file(name), contents[i]!)));
  }
  return { certFile: file('server.pem'), keyFile: file('server-key.pem'), clientCaFile: file('ca.pem') };
}

async function stillValid(directory: string): Promise<boolean> {
  if (!FILES.every((name) => existsSync(path.join(directory, name)))) return false;
  const certificate = new X509Certificate(await readFile(path.join(directory, 'server.pem')));
  return Date.parse(certificate.validTo) > Date.now() + DAY_MS;
}

/** A crash in between must leave the old file or the new one, and nobody else may read either. */
async function writeSecret(file: string, content: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, content, { mode: 0o600 });
  await rename(draft, file);
}
