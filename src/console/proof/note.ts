import { type Bytes, ProofError, concat, fromBase64, sha256, toHex, utf8, verifyEd25519 } from './bytes.js';

/*
 * Checkpoints (https://c2sp.org/tlog-checkpoint) in signed notes (https://c2sp.org/signed-note), read as strictly as src/access-log/note.ts reads them; test/console/note.test.ts
 * holds the two against each other.
 */

const LOG_SIGNATURE = 1;
const COSIGNATURE = 4;
const KEY_ID_BYTES = 4;
const TIME_BYTES = 8;
const PUBLIC_KEY_BYTES = 32;
const HASH_BYTES = 32;
const MOST_SIGNATURES = 64;

/** A public key with the name it signs under; `witness` tells a witness' from a log's. */
export interface VerifierKey {
  readonly name: string;
  readonly id: string;
  readonly witness: boolean;
  readonly publicKey: Bytes;
}

/** A note, taken apart and not yet believed. */
export interface SignedNote {
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly id: string; readonly signature: Bytes }[];
}

/** What a log says of itself: so many entries, this root. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
}

/** Reads `<name>+<key id>+<base64 of type and key>`. Throws {@link ProofError}. */
export async function parseVerifierKey(text: string): Promise<VerifierKey> {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? [];
  if (name === undefined || /\p{Cc}/u.test(name)) throw new ProofError('That is no verifier key.');
  const typed = fromBase64(encoded);
  const type = typed[0];
  if (typed.length !== 1 + PUBLIC_KEY_BYTES || (type !== LOG_SIGNATURE && type !== COSIGNATURE)) {
    throw new ProofError('The verifier key is of a kind that is not supported.');
  }
  const made = toHex((await sha256(utf8(`${name}\n`), typed)).subarray(0, KEY_ID_BYTES));
  if (made !== id) throw new ProofError('The id of the verifier key is not that of its name and key.');
  return { name, id, witness: type === COSIGNATURE, publicKey: typed.slice(1) };
}

/** Takes a note apart. Throws {@link ProofError} for what is none. */
export function parseNote(note: string): SignedNote {
  if (!note.isWellFormed() || /[\u0000-\u0009\u000b-\u001f]/.test(note)) {
    throw new ProofError('The checkpoint has control characters.');
  }
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) throw new ProofError('The checkpoint is no signed note.');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw new ProofError('The checkpoint has too many signatures.');
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): SignedNote['signatures'][number] {
  const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? [];
  if (name === undefined) throw new ProofError('The checkpoint has a malformed signature line.');
  const bytes = fromBase64(encoded);
  if (bytes.length <= KEY_ID_BYTES) throw new ProofError('The checkpoint has a malformed signature line.');
  return { name, id: toHex(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.slice(KEY_ID_BYTES) };
}

/** Which of `keys` signed the note; signatures of others are passed over. Throws {@link ProofError} where one of a known key is not genuine. */
export async function signersOf(note: SignedNote, keys: readonly VerifierKey[]): Promise<VerifierKey[]> {
  const signers: VerifierKey[] = [];
  for (const key of keys) {
    const mine = note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
    for (const { signature } of mine) {
      if (!(await isGenuine(note.text, key, signature))) {
        throw new ProofError(`The signature of ${key.name} is not genuine.`);
      }
    }
    if (mine.length > 0) signers.push(key);
  }
  return signers;
}

/** Reads the text of a checkpoint; lines behind the third are passed over. Throws {@link ProofError}. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, root] = text.split('\n');
  if (!origin || size === undefined || !/^(0|[1-9]\d{0,15})$/.test(size))
    throw new ProofError('That is no checkpoint.');
  const hash = fromBase64(root);
  if (hash.length !== HASH_BYTES || !Number.isSafeInteger(Number(size))) {
    throw new ProofError('That is no checkpoint.');
  }
  return { origin, size: Number(size), root: hash };
}

async function isGenuine(
  text: string,
  { witness, publicKey }: VerifierKey,
  signature: Bytes,
): Promise<boolean> {
  if (!witness) return verifyEd25519(utf8(text), publicKey, signature);
  if (signature.length <= TIME_BYTES) return false;
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  const signed = concat(utf8(`cosignature/v1\ntime ${time}\n`), utf8(text));
  return verifyEd25519(signed, publicKey, signature.slice(TIME_BYTES));
}
