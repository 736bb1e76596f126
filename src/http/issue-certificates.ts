import { randomBytes } from 'node:crypto';
import forge from 'node-forge';

const VALID_DAYS = 730;
const DAY_MS = 86_400_000;

type Extension = Readonly<Record<string, unknown>>;
interface Identity {
  readonly certificate: forge.pki.Certificate;
  readonly keys: forge.pki.rsa.KeyPair;
}

/** Authority, server's certificate and key, client's certificate and key, as PEM; the authority's key is in none of them. */
export function issueAll(now: Date): string[] {
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
