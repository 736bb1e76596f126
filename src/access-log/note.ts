import { createPublicKey, hash, verify } from 'node:crypto';

/*
 * Signed notes (https://c2sp.org/signed-note): a text and, below an empty line, one line per signature. Signatures of a log are plain Ed25519
 * (type 1), those of a witness carry the time (type 4, https://c2sp.org/tlog-cosignature).
 */

/** The kinds of signature that are understood: a log's, and a witness' over a checkpoint. */
export const LOG_SIGNATURE = 1;
export const COSIGNATURE = 4;
export type SignatureType = typeof LOG_SIGNATURE | typeof COSIGNATURE;

const TYPES: readonly number[] = [LOG_SIGNATURE, COSIGNATURE];
const PUBLIC_KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const TIME_BYTES = 8;
/** The specification asks for at least 16. */
const MOST_SIGNATURES = 64;
const SIGNATURE_LINE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
/** What stands before an Ed25519 public key in SubjectPublicKeyInfo (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** A public key with the name it signs under. */
export interface VerifierKey {
  readonly name: string;
  readonly type: SignatureType;
  readonly publicKey: Buffer;
}

/** A signature line, taken apart. */
export interface NoteSignature {
  readonly name: string;
  /** Hex. */
  readonly keyId: string;
  readonly signature: Buffer;
}

/** A note, taken apart and not yet believed. */
export interface SignedNote {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Why a note or a key is not accepted, in a sentence. */
export class NoteError extends Error {}

/** Whether a text can be the name of a key: no white space, no plus. */
export function isKeyName(name: string): boolean {
  return /^[^\s+\p{Cc}]+$/u.test(name);
}

/** What a verifier is configured with: `<name>+<key id>+<base64 of type and key>`. */
export function formatVerifierKey(key: VerifierKey): string {
  const typed = Buffer.concat([Buffer.of(key.type), key.publicKey]);
  return `${key.name}+${keyIdOf(key)}+${typed.toString('base64')}`;
}

/** Reads what {@link formatVerifierKey} wrote. Throws {@link NoteError}. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? [];
  if (name === undefined || !isKeyName(name)) throw new NoteError('that is no verifier key');
  const bytes = Buffer.from(encoded!, 'base64');
  const type = bytes[0] as SignatureType;
  if (
    !TYPES.includes(type) ||
    bytes.length !== 1 + PUBLIC_KEY_BYTES ||
    bytes.toString('base64') !== encoded
  ) {
    throw new NoteError('the verifier key is of a kind that is not supported');
  }
  const key = { name, type, publicKey: bytes.subarray(1) };
  if (keyIdOf(key) !== id) throw new NoteError('the id of the verifier key is not that of its name and key');
  return key;
}

/** The signature line of a key: `signature` is what follows the key's id. */
export function formatSignature(key: VerifierKey, signature: Uint8Array): string {
  const bytes = Buffer.concat([Buffer.from(keyIdOf(key), 'hex'), signature]);
  return `— ${key.name} ${bytes.toString('base64')}\n`;
}

/** A note made of its text, which ends in a newline, and signature lines. */
export function formatNote(text: string, lines: readonly string[]): string {
  return `${text}\n${lines.join('')}`;
}

/** Takes a note apart. Throws {@link NoteError} for what is none. */
export function parseNote(note: string): SignedNote {
  if (!note.isWellFormed() || /[\u0000-\u0009\u000b-\u001f]/.test(note))
    throw new NoteError('the note has control characters');
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) throw new NoteError('that is no signed note');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw new NoteError('the note has too many signatures');
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

/** Reads one signature line, without its newline. Throws {@link NoteError}. */
function parseSignature(line: string): NoteSignature {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = Buffer.from(encoded ?? '', 'base64');
  // Other spellings of the same bytes would let a note be changed without being noticed.
  if (name === undefined || bytes.length <= KEY_ID_BYTES || bytes.toString('base64') !== encoded)
    throw new NoteError('the note has a malformed signature line');
  return { name, keyId: bytes.toString('hex', 0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
}

/**
 * Which of `keys` signed the note. Signatures of others are passed over. Throws {@link NoteError} where one of a known key is wrong:
 * somebody changed the text.
 */
export function signersOf(note: SignedNote, keys: readonly VerifierKey[]): VerifierKey[] {
  return keys.filter((key) => {
    const mine = note.signatures.filter(({ name, keyId }) => name === key.name && keyId === keyIdOf(key));
    if (mine.some(({ signature }) => !isGenuine(note.text, key, signature))) {
      throw new NoteError(`the signature of ${key.name} is not genuine`);
    }
    return mine.length > 0;
  });
}

/** What a witness signs for a checkpoint at a time in seconds since 1970. */
export function cosignedText(text: string, time: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
}

/** The time in front of a witness' signature, in seconds since 1970. */
function cosignatureTime(signature: Uint8Array): number {
  return Number(Buffer.from(signature).readBigUInt64BE());
}

/** A witness' signature as it stands in a note: the time, then the Ed25519 signature of {@link cosignedText}. */
export function timestamped(time: number, signature: Uint8Array): Buffer {
  const head = Buffer.alloc(TIME_BYTES);
  head.writeBigUInt64BE(BigInt(time));
  return Buffer.concat([head, signature]);
}

/** SHA-256 of name, newline, type and key, the first four bytes, in hex. */
export function keyIdOf({ name, type, publicKey }: VerifierKey): string {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey]);
  return hash('sha256', input, 'hex').slice(0, 2 * KEY_ID_BYTES);
}

function isGenuine(text: string, { type, publicKey }: VerifierKey, signature: Buffer): boolean {
  if (type === LOG_SIGNATURE) return verifyEd25519(Buffer.from(text), publicKey, signature);
  if (signature.length <= TIME_BYTES) return false;
  const signed = cosignedText(text, cosignatureTime(signature));
  return verifyEd25519(signed, publicKey, signature.subarray(TIME_BYTES));
}

function verifyEd25519(message: Buffer, publicKey: Buffer, signature: Buffer): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
}
