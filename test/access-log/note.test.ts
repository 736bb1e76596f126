import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import {
  COSIGNATURE,
  LOG_SIGNATURE,
  NoteError,
  type SignatureType,
  type VerifierKey,
  cosignedText,
  formatNote,
  formatSignature,
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  signersOf,
  timestamped,
} from '../../src/access-log/note.js';

/** The example of Go's golang.org/x/mod/sumdb/note, which the format comes from. */
const GO = {
  vkey: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  note:
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
};

function signer(name: string, type: SignatureType) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const key: VerifierKey = { name, type, publicKey: raw };
  const line = (text: string, time = 1_700_000_000): string =>
    type === LOG_SIGNATURE
      ? formatSignature(key, sign(null, Buffer.from(text), privateKey))
      : formatSignature(key, timestamped(time, sign(null, cosignedText(text, time), privateKey)));
  return { key, line };
}

const TEXT = 'log.example\n5\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n';
const log = signer('log.example', LOG_SIGNATURE);
const witness = signer('witness.example', COSIGNATURE);
const note = formatNote(TEXT, [log.line(TEXT), witness.line(TEXT)]);

test("a note that Go's own library signed verifies, and its verifier key reads back the same", () => {
  const key = parseVerifierKey(GO.vkey);
  expect(formatVerifierKey(key)).toBe(GO.vkey);
  expect(signersOf(parseNote(GO.note), [key])).toEqual([key]);
});

test('a note names those of the known keys that signed it, log and witness, and passes over the others', () => {
  const stranger = signer('log.example', LOG_SIGNATURE);
  expect(signersOf(parseNote(note), [log.key, witness.key, stranger.key])).toEqual([log.key, witness.key]);
  expect(signersOf(parseNote(note), [stranger.key])).toEqual([]);
});

test('any other text under the signatures of a known key is refused', () => {
  fc.assert(
    fc.property(fc.nat(TEXT.length - 2), fc.constantFrom(log.key, witness.key), (at, key) => {
      const changed = TEXT.slice(0, at) + (TEXT[at] === 'x' ? 'y' : 'x') + TEXT.slice(at + 1);
      const forged = note.replace(TEXT, changed);
      expect(() => signersOf(parseNote(forged), [key])).toThrow(NoteError);
    }),
  );
});

test('a cosignature with another time, or cut off, is refused', () => {
  const [mine] = parseNote(note).signatures.filter(({ name }) => name === witness.key.name);
  const later = Buffer.from(mine!.signature);
  later[7]! += 1;
  for (const signature of [later, mine!.signature.subarray(0, 8), mine!.signature.subarray(0, 40)]) {
    const forged = formatNote(TEXT, [formatSignature(witness.key, signature)]);
    expect(() => signersOf(parseNote(forged), [witness.key])).toThrow(NoteError);
  }
});

test.each<[string, string]>([
  ['nothing', ''],
  ['a text without a signature', 'a\n'],
  ['a text with nothing below it', 'a\n\n'],
  ['a signature line without its dash', 'a\n\nx eA==\n'],
  ['a signature of less than a key id', 'a\n\n— x eA==\n'],
  ['a last line without a newline', note.slice(0, -1)],
  ['a carriage return', note.replace('log.example', 'log.example\r')],
  ['a tab', note.replace('5', '\t5')],
  ['half a character', note.replace('5', '\ud800')],
  ['more signatures than anybody needs', formatNote(TEXT, Array<string>(65).fill(log.line(TEXT)))],
])('%s is no note', (_name, text) => {
  expect(() => parseNote(text)).toThrow(NoteError);
});

test.each<[string, string]>([
  ['nothing', ''],
  ['another id', GO.vkey.replace('c74f20a3', 'c74f20a4')],
  ['another name', GO.vkey.replace('Peter', 'Petra')],
  ['a short key', 'x+00000000+AQ=='],
  ['a kind of signature that is not supported', formatVerifierKey({ ...log.key, type: 2 as SignatureType })],
  ['a name with a space', 'a b+00000000+AQ=='],
])('%s is no verifier key', (_name, text) => {
  expect(() => parseVerifierKey(text)).toThrow(NoteError);
});
