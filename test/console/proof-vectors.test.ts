import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as theirs from '../../src/access-log/note.js';
import { verifyConsistency, verifyInclusion } from '../../src/console/proof/merkle.js';
import { parseCheckpoint, parseNote, parseVerifierKey, signersOf } from '../../src/console/proof/note.js';

/* What runs in the browser, on the vectors that judge the vault's own code, and against that code. */

interface Vector {
  file: string;
  proof: string[] | null;
  wantErr: boolean;
}
type InclusionVector = Vector & { leafIdx: number; treeSize: number; root: string; leafHash: string };
type ConsistencyVector = Vector & { size1: number; size2: number; root1: string; root2: string };

function vectors<T extends Vector>(kind: string): [string, T][] {
  const path = new URL(`../vectors/transparency-dev/${kind}.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as T[]).map((vector) => [vector.file, vector]);
}
const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

test.each(vectors<InclusionVector>('inclusion'))('inclusion: %s', async (_file, v) => {
  const proof = (v.proof ?? []).map(bytes);
  expect(await verifyInclusion(v.leafIdx, v.treeSize, bytes(v.leafHash), proof, bytes(v.root))).toBe(
    !v.wantErr,
  );
});

// Valid there, because sizes are equal and roots too; here a root has 32 bytes and an empty tree proves nothing.
const STRICTER = [
  'additional/sizes-are-equal-one-and-proof-is-empty',
  'additional/sizes-are-equal-zero-and-proof-is-empty',
];

test.each(vectors<ConsistencyVector>('consistency'))('consistency: %s', async (file, v) => {
  const proof = (v.proof ?? []).map(bytes);
  const isValid = !v.wantErr && !STRICTER.includes(file);
  expect(await verifyConsistency(v.size1, v.size2, bytes(v.root1), bytes(v.root2), proof)).toBe(isValid);
});

const TEXT = 'log.example\n5\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n';

function signer(name: string, type: theirs.SignatureType) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const key: theirs.VerifierKey = { name, type, publicKey: raw };
  const time = 1_700_000_000;
  const line =
    type === theirs.LOG_SIGNATURE
      ? theirs.formatSignature(key, sign(null, Buffer.from(TEXT), privateKey))
      : theirs.formatSignature(
          key,
          theirs.timestamped(time, sign(null, theirs.cosignedText(TEXT, time), privateKey)),
        );
  return { key, line };
}
const log = signer('log.example', theirs.LOG_SIGNATURE);
const witness = signer('witness.example', theirs.COSIGNATURE);
const note = theirs.formatNote(TEXT, [log.line, witness.line]);

test('a checkpoint of a log and its witness verifies with their keys', async () => {
  const keys = await Promise.all(
    [log.key, witness.key].map((key) => parseVerifierKey(theirs.formatVerifierKey(key))),
  );
  expect((await signersOf(parseNote(note), keys)).map(({ name }) => name)).toEqual([
    'log.example',
    'witness.example',
  ]);
  expect(parseCheckpoint(parseNote(note).text)).toMatchObject({ origin: 'log.example', size: 5 });
});

test("any note with one character changed is judged as the vault's own code judges it", async () => {
  const keys = [log.key, witness.key];
  const here = await Promise.all(keys.map((key) => parseVerifierKey(theirs.formatVerifierKey(key))));
  const names = (signers: readonly { name: string }[]): string => signers.map(({ name }) => name).join();
  const there = (text: string): string => {
    try {
      return names(theirs.signersOf(theirs.parseNote(text), keys));
    } catch {
      return 'refused';
    }
  };
  await fc.assert(
    fc.asyncProperty(
      fc.nat(note.length - 1),
      fc.constantFrom('', 'x', '1', '\n', '\t', '=', '+', ' ', 'é', '\ud800'),
      async (at, sign) => {
        const changed = note.slice(0, at) + sign + note.slice(at + 1);
        let found: string;
        try {
          found = names(await signersOf(parseNote(changed), here));
        } catch {
          found = 'refused';
        }
        // Stricter in one thing: base64 has one spelling here. Never more lenient.
        expect([there(changed), 'refused']).toContain(found);
      },
    ),
    { numRuns: 500 },
  );
});

test.each(['', 'x', 'a b+00000000+AQ==', 'x+00000000+AQ==', `${theirs.formatVerifierKey(log.key)}A`])(
  '%j is no verifier key',
  async (text) => {
    await expect(parseVerifierKey(text)).rejects.toThrow();
  },
);

test('a key with the id of another is refused', async () => {
  const text = theirs.formatVerifierKey(log.key);
  await expect(parseVerifierKey(text.replace(/\+[0-9a-f]{8}\+/, '+00000000+'))).rejects.toThrow('The id');
});
