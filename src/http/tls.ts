import { X509Certificate, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import forge from 'node-forge';

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
const VALID_DAYS = 730;
const DAY_MS = 86_400_000;

/**
 * Makes an authority, a server certificate for localhost and a client certificate in a directory, unless valid ones are there. The key of
 * the authority is thrown away: nobody can issue a third certificate. node-forge only writes here; it never reads what others made.
 */
export async function selfSigned(directory: string): Promise<TlsSource & { readonly clientCaFile: string }> {
  const file = (name: (typeof FILES)[number]): string => path.join(directory, name);
  if (!(await stillValid(directory))) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
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

type Extension = Readonly<Record<string, unknown>>;
interface Identity {
  readonly certificate: forge.pki.Certificate;
  readonly keys: forge.pki.rsa.KeyPair;
}

/** The contents of FILES, in their order. */
function issueAll(now: Date): string[] {
  const authority = issue(now, 'Coatcheck authority', null, [
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
  ]);
  const server = issue(now, 'localhost', authority, [
    ...leaf({ serverAuth: true }),
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: 'localhost' },
        { type: 7, ip: '127.0.0.1' },
        { type: 7, ip: '::1' },
      ],
    },
  ]);
  const client = issue(now, 'coatcheck-client', authority, leaf({ clientAuth: true }));
  return [
    forge.pki.certificateToPem(authority.certificate),
    ...[server, client].flatMap(({ certificate, keys }) => [
      forge.pki.certificateToPem(certificate),
      forge.pki.privateKeyToPem(keys.privateKey),
    ]),
  ];
}

function leaf(extendedUse: Extension): Extension[] {
  return [
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', ...extendedUse },
  ];
}

/** A certificate signed by `issuer`; null: by itself. */
function issue(now: Date, name: string, issuer: Identity | null, extensions: Extension[]): Identity {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const certificate = forge.pki.createCertificate();
  const subject = [{ name: 'commonName', value: name }];
  certificate.publicKey = keys.publicKey;
  // A serial number is a positive integer: the first bit must be 0.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(now.getTime() - DAY_MS);
  certificate.validity.notAfter = new Date(now.getTime() + VALID_DAYS * DAY_MS);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer ? issuer.certificate.subject.attributes : subject);
  certificate.setExtensions([...extensions, { name: 'subjectKeyIdentifier' }]);
  certificate.sign((issuer?.keys ?? keys).privateKey, forge.md.sha256.create());
  return { certificate, keys };
}
