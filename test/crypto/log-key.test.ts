import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseCheckpoint } from '../../src/access-log/checkpoint.js';
import { parseNote, parseVerifierKey, signersOf } from '../../src/access-log/note.js';
import { Key } from '../../src/crypto/key.js';
import { openLogKey } from '../../src/crypto/log-key.js';

/** docs/FORMAT.md sections 3 and 8.2, frozen. */
const vector = JSON.parse(
  readFileSync(new URL('../vectors/coatcheck/log-key-1.json', import.meta.url), 'utf8'),
) as {
  log_key: Record<'seed' | 'epoch_key' | 'origin' | 'public_key' | 'wrapped' | 'vkey', string> &
    Record<'version' | 'epoch', number>;
  witness: { seed: string; name: string; vkey: string; time: number };
  checkpoint: { size: number; root: string; note: string };
};
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const { log_key: logKey, witness, checkpoint } = vector;
const row = {
  version: logKey.version,
  origin: logKey.origin,
  publicKey: bytes(logKey.public_key),
  epoch: logKey.epoch,
  wrapped: bytes(logKey.wrapped),
};
const epochKey = Key.fromSecret(bytes(logKey.epoch_key));

/** What the page says, with nothing but node:crypto. */
function lineByTheDocument(
  seed: string,
  name: string,
  type: number,
  message: string,
  head = Buffer.alloc(0),
): string {
  const der = Buffer.concat([bytes('302e020100300506032b657004220420'), bytes(seed)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  const id = createHash('sha256')
    .update(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey]))
    .digest()
    .subarray(0, 4);
  const signature = sign(null, Buffer.from(message), key);
  return `— ${name} ${Buffer.concat([id, head, signature]).toString('base64')}\n`;
}

test('the note of the vector is what the page says, byte by byte', () => {
  const text = `${logKey.origin}\n${checkpoint.size}\n${bytes(checkpoint.root).toString('base64')}\n`;
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(witness.time));
  const cosigned = `cosignature/v1\ntime ${witness.time}\n${text}`;
  expect(checkpoint.note).toBe(
    `${text}\n${lineByTheDocument(logKey.seed, logKey.origin, 1, text)}` +
      lineByTheDocument(witness.seed, witness.name, 4, cosigned, time),
  );
});

test('the wrapped key opens, signs as its seed does, and its note verifies with the verifier keys', () => {
  const text = parseNote(checkpoint.note).text;
  const signing = openLogKey(row, epochKey);
  const [line] = parseNote(checkpoint.note).signatures;
  expect(signing.sign(Buffer.from(text))).toEqual(line!.signature);
  const keys = [logKey.vkey, witness.vkey].map(parseVerifierKey);
  expect(signersOf(parseNote(checkpoint.note), keys)).toEqual(keys);
  expect(parseCheckpoint(checkpoint.note)).toEqual({
    origin: logKey.origin,
    size: checkpoint.size,
    root: bytes(checkpoint.root),
  });
});

test.each<[string, object]>([
  ['another version', { version: 4 }],
  ['another epoch', { epoch: 2 }],
  ['another origin', { origin: 'log.example/other' }],
  ['another public key', { publicKey: bytes(checkpoint.root) }],
  ['cut off', { wrapped: row.wrapped.subarray(0, 105) }],
])('%s: the wrapped key does not open', (_name, change) => {
  expect(() => openLogKey({ ...row, ...change }, epochKey)).toThrow(
    expect.objectContaining({ code: 'PV9010' }),
  );
});

test('a key shows nothing of itself', () => {
  const signing = openLogKey(row, epochKey);
  expect(JSON.stringify(signing)).not.toContain(logKey.seed);
  expect(Object.keys(signing)).toEqual(['publicKey']);
});
