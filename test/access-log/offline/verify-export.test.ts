import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import type { Checkpoint } from '../../../src/access-log/checkpoint.js';
import { checkpointText } from '../../../src/access-log/checkpoint.js';
import type { ExportedEntry } from '../../../src/access-log/export/exported-entry.js';
import { frontierLine, lineHead, textsOnLine } from '../../../src/access-log/export/jsonl.js';
import {
  LOG_SIGNATURE,
  type VerifierKey,
  formatNote,
  formatSignature,
} from '../../../src/access-log/note.js';
import { readTrusted } from '../../../src/access-log/offline/trusted-checkpoint.js';
import { type ExportVerification, verifyExport } from '../../../src/access-log/offline/verify-export.js';
import { EMPTY_FRONTIER, appendLeaves, leafHash, rootOf } from '../../../src/access-log/tree.js';
import { draft } from '../support.js';
import { anyDraft, exportOf, exported } from '../export/support.js';

/** 90 entries; every third has free texts, some hard ones. An older checkpoint covers 37 of them. */
const SIZE = 90;
const OLDER = 37;
const entries = Array.from({ length: SIZE }, (_, n) =>
  exported(
    n,
    draft(
      n,
      n % 3 === 0
        ? {
            texts: { adhoc_reason: `because "${n}" \\ \n`, ...(n % 2 === 0 && { custom_audit: `für ${n}` }) },
          }
        : {},
    ),
  ),
);
const checkpointOf = (some: readonly ExportedEntry[]): Checkpoint => ({
  origin: 'log.example',
  size: some.length,
  root: rootOf(
    appendLeaves(
      EMPTY_FRONTIER,
      some.map(({ leaf }) => leaf),
    ),
  ),
});
const checkpoint = checkpointOf(entries);
const older = checkpointOf(entries.slice(0, OLDER));
const file = exportOf(entries);

async function verify(
  bytes: Buffer,
  cuts: readonly number[] = [],
  more: Partial<Parameters<typeof verifyExport>[1]> = {},
): Promise<ExportVerification> {
  async function* chunks(): AsyncGenerator<Buffer> {
    // A copy: pieces are written to while they are read.
    const copy = Buffer.from(bytes);
    let at = 0;
    for (const cut of [...cuts].sort((a, b) => a - b)) {
      yield copy.subarray(at, Math.max(at, cut));
      at = Math.max(at, cut);
    }
    yield copy.subarray(at);
  }
  return verifyExport(chunks(), { checkpoint, earlier: [older], unsignedTail: false, ...more });
}
const wrongAt = (found: ExportVerification): number | 'intact' => (found.ok ? 'intact' : found.index);
const linesOf = (bytes: Buffer): string[] => bytes.toString().split('\n').slice(0, -1);
const joined = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const INTACT = { ok: true, from: 0, size: SIZE, root: checkpoint.root.toString('hex'), unsigned: 0 };

describe('an untouched export is intact', () => {
  test('wherever it is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(file.length), { maxLength: 30 }), async (cuts) => {
        expect(await verify(file, cuts)).toEqual(INTACT);
      }),
      { numRuns: 300 },
    );
  });

  test('byte by byte', async () => {
    expect(
      await verify(
        file,
        Array.from({ length: file.length }, (_, i) => i),
      ),
    ).toEqual(INTACT);
  });

  test('whatever its texts say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyDraft, { minLength: 1, maxLength: 12 }),
        fc.nat(4_000),
        async (drafts, cut) => {
          const some = drafts.map((given, n) => exported(n, given));
          const found = await verify(exportOf(some), [cut], { checkpoint: checkpointOf(some), earlier: [] });
          expect(wrongAt(found)).toBe('intact');
        },
      ),
      { numRuns: 300 },
    );
  });

  test('an empty one of an empty log', async () => {
    expect(await verify(Buffer.alloc(0), [], { checkpoint: checkpointOf([]), earlier: [] })).toMatchObject({
      ok: true,
      size: 0,
    });
  });

  test('the bytes that were read are what they were', async () => {
    const copy = Buffer.from(file);
    async function* whole(): AsyncGenerator<Buffer> {
      yield copy;
    }
    await verifyExport(whole(), { checkpoint, earlier: [], unsignedTail: false });
    expect(copy.equals(file)).toBe(true);
  });
});

/** One tampering: what becomes of the file, and the first position that is wrong then. */
interface Tampering {
  readonly bytes: Buffer;
  readonly at: number;
}
const position = fc.nat(SIZE - 1);
const withText = fc.nat(SIZE / 3 - 1).map((n) => 3 * n);
const starts = linesOf(file).reduce<number[]>(
  (found, line) => [...found, found.at(-1)! + Buffer.byteLength(line) + 1],
  [0],
);
const lineAt = (place: number): number => starts.findLastIndex((start) => start <= place);
const edited = (change: (lines: string[]) => void): Buffer => {
  const lines = linesOf(file);
  change(lines);
  return joined(lines);
};
/** A line as a forger makes it who knows the format. */
const forged = (index: number, bytes: Buffer, like: ExportedEntry): string =>
  `${lineHead(index, leafHash(bytes).toString('base64'), textsOnLine(like))}${bytes.toString()}}`;
/** Where what was not signed begins: behind the last checkpoint that still holds. */
const signedRange = (index: number): number => (index < OLDER ? 0 : OLDER);

const TAMPERINGS: Record<string, fc.Arbitrary<Tampering>> = {
  'a byte is another one': fc
    .tuple(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([place, by]) => {
      const bytes = Buffer.from(file);
      bytes[place]! ^= by;
      return { bytes, at: lineAt(place) };
    }),
  'a byte is gone': fc.nat(file.length - 1).map((place) => ({
    bytes: Buffer.concat([file.subarray(0, place), file.subarray(place + 1)]),
    at: lineAt(place),
  })),
  'a byte is added': fc
    .tuple(fc.nat(file.length - 1), fc.nat(255))
    .map(([place, byte]) => ({
      bytes: Buffer.concat([file.subarray(0, place), Buffer.of(byte), file.subarray(place)]),
      // A line of its own in front of another is where that one would be.
      at: lineAt(place),
    }))
    .filter(({ bytes }) => !bytes.equals(file)),
  'an entry is deleted': position.map((i) => ({ bytes: edited((lines) => lines.splice(i, 1)), at: i })),
  'two entries change places': fc
    .tuple(position, position)
    .filter(([i, j]) => i < j)
    .map(([i, j]) => ({
      bytes: edited((lines) => ([lines[i], lines[j]] = [lines[j]!, lines[i]!])),
      at: i,
    })),
  'an entry stands twice': position.map((i) => ({
    bytes: edited((lines) => lines.splice(i, 0, lines[i]!)),
    at: i + 1,
  })),
  'another is inserted': fc
    .tuple(position, position)
    .filter(([i, j]) => i !== j)
    .map(([i, j]) => ({
      bytes: edited((lines) => lines.splice(i, 0, lines[j]!)),
      at: i,
    })),
  'the end is cut off': fc
    .nat(file.length - 1)
    .map((place) => ({ bytes: file.subarray(0, place), at: lineAt(place) })),
  'a text is another one': withText.map((i) => ({
    bytes: edited((lines) => (lines[i] = lines[i]!.replace('because', 'despite'))),
    at: i,
  })),
  'a salt is another one': withText.map((i) => ({
    bytes: edited(
      (lines) =>
        (lines[i] = lines[i]!.replace(
          /"salt":"(..)/,
          (_, byte: string) => `"salt":"${byte === '00' ? '01' : '00'}`,
        )),
    ),
    at: i,
  })),
  'a salt is written in capitals': withText
    .map((i) => ({
      bytes: edited(
        (lines) =>
          (lines[i] = lines[i]!.replace(
            /"salt":"([0-9a-f]*)"/,
            (_, salt: string) => `"salt":"${salt.toUpperCase()}"`,
          )),
      ),
      at: i,
    }))
    .filter(({ bytes }) => !bytes.equals(file)),
  'a text is spelled otherwise': withText.map((i) => ({
    bytes: edited((lines) => (lines[i] = lines[i]!.replace('because', '\\u0062ecause'))),
    at: i,
  })),
  'the beginning of a text is moved into its salt': withText.map((i) => ({
    bytes: edited(
      (lines) => (lines[i] = lines[i]!.replace(/("salt":"[0-9a-f]{32})","text":"be/, '$16265","text":"')),
    ),
    at: i,
  })),
  'two entries swap their texts': fc
    .tuple(withText, withText)
    .filter(([i, j]) => i < j)
    .map(([i, j]) => ({
      bytes: edited((lines) => {
        const texts = /"texts":.*(?=,"entry")/;
        const [a, b] = [texts.exec(lines[i]!)![0], texts.exec(lines[j]!)![0]];
        lines[i] = lines[i]!.replace(a, () => b);
        lines[j] = lines[j]!.replace(b, () => a);
      }),
      at: i,
    })),
  'the texts are gone': withText.map((i) => ({
    bytes: edited((lines) => (lines[i] = lines[i]!.replace(/"texts":.*,(?="entry")/, ''))),
    at: i,
  })),
  'a text is added': position
    .filter((i) => i % 3 !== 0)
    .map((i) => ({
      bytes: edited(
        (lines) =>
          (lines[i] = lines[i]!.replace(
            ',"entry":',
            `,"texts":{"adhoc_reason":{"salt":"${'00'.repeat(16)}","text":"slander"}},"entry":`,
          )),
      ),
      at: i,
    })),
  'a text of another kind is added': position.map((i) => ({
    bytes: edited(
      (lines) =>
        (lines[i] = lines[i]!.replace(
          /(,"texts":\{.*\})?,"entry":/,
          ',"texts":{"note":{"salt":"00","text":"x"}},"entry":',
        )),
    ),
    at: i,
  })),
  'an entry is replaced with its hash': position.map((i) => ({
    bytes: edited(
      (lines) =>
        (lines[i] = forged(
          i,
          Buffer.from(entries[i]!.bytes.toString().replace('"role":"role"', '"role":"other"')),
          entries[i]!,
        )),
    ),
    at: signedRange(i),
  })),
  'an entry is taken out and the rest moved up': position
    .filter((i) => i < SIZE - 1)
    .map((i) => ({
      bytes: joined(entries.filter((_, n) => n !== i).map((entry, n) => forged(n, entry.bytes, entry))),
      // Where the older checkpoint still holds all but the end is what it was; the end is missing first where nothing is compared before it.
      at: i < OLDER ? 0 : SIZE - 1,
    })),
  'an entry is put in and the rest moved down': position.map((i) => ({
    bytes: joined(
      [...entries.slice(0, i), exported(0, draft(7_777)), ...entries.slice(i)].map((entry, n) =>
        forged(n, entry.bytes, entry),
      ),
    ),
    at: signedRange(i),
  })),
  'entries are added behind the end': fc.integer({ min: 1, max: 5 }).map((count) => ({
    bytes: Buffer.concat([
      file,
      exportOf(Array.from({ length: count }, (_, n) => exported(SIZE + n, draft(n)))),
    ]),
    at: SIZE,
  })),
  'it says to begin in the middle': fc.integer({ min: 1, max: SIZE - 1 }).map((i) => {
    const made = appendLeaves(
      EMPTY_FRONTIER,
      entries.slice(0, i).map(({ bytes }) => leafHash(Buffer.concat([bytes, Buffer.of(32)]))),
    );
    return { bytes: joined([frontierLine(made), ...linesOf(file).slice(i)]), at: i <= OLDER ? i : OLDER };
  }),
};

describe('a tampered export is found at the right position', () => {
  test.each(Object.entries(TAMPERINGS))('%s', async (_name, tampering) => {
    await fc.assert(
      fc.asyncProperty(tampering, fc.nat(file.length), async ({ bytes, at }, cut) => {
        expect(wrongAt(await verify(bytes, [cut]))).toBe(at);
      }),
      { numRuns: 75 },
    );
  });

  test('there are well over a thousand of them', () => {
    expect(Object.keys(TAMPERINGS).length * 75).toBeGreaterThan(1_500);
  });
});

describe('an export that begins in the middle', () => {
  const from = (start: number): Buffer =>
    joined([
      frontierLine(
        appendLeaves(
          EMPTY_FRONTIER,
          entries.slice(0, start).map(({ leaf }) => leaf),
        ),
      ),
      ...linesOf(file).slice(start),
    ]);

  test.each([1, 2, 16, 36, OLDER])('at %i is proved from there', async (start) => {
    expect(await verify(from(start))).toEqual({ ...INTACT, from: start });
  });
  test('behind an older checkpoint says nothing of that', async () => {
    expect(wrongAt(await verify(from(OLDER + 1)))).toBe(OLDER);
    expect(await verify(from(OLDER + 1), [], { earlier: [] })).toEqual({ ...INTACT, from: OLDER + 1 });
  });
  test('pieces one behind the other are one export; a gap between them is found', async () => {
    const lines = linesOf(file);
    const second = linesOf(from(20));
    expect(await verify(joined([...lines.slice(0, 20), ...second]))).toEqual(INTACT);
    expect(wrongAt(await verify(joined([...lines.slice(0, 19), ...second])))).toBe(19);
    expect(wrongAt(await verify(joined([...lines.slice(0, 21), ...second])))).toBe(20);
  });
});

test('entries behind the checkpoint are told where they are accepted', async () => {
  const bytes = Buffer.concat([file, exportOf([exported(SIZE, draft(1)), exported(SIZE + 1, draft(2))])]);
  expect(await verify(bytes, [], { unsignedTail: true })).toEqual({ ...INTACT, unsigned: 2 });
});

describe('texts that were erased', () => {
  const erasing = exported(SIZE, draft(SIZE, { operation: 'eraseAuditTexts', erased: [6] }));
  const all = [...entries, erasing];
  const without = (index: number): Buffer => {
    const lines = linesOf(exportOf(all));
    lines[index] = lines[index]!.replace(/"texts":.*,(?="entry")/, '');
    return joined(lines);
  };
  const grown = { checkpoint: checkpointOf(all) };

  test('are accounted for by the entry that names them', async () => {
    expect(await verify(without(6), [], grown)).toMatchObject({ ok: true });
  });
  test('and others are missing', async () => {
    expect(wrongAt(await verify(without(9), [], grown))).toBe(9);
  });
});

describe('another checkpoint', () => {
  const keyOf = (name: string) => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const key: VerifierKey = { name, type: LOG_SIGNATURE, publicKey: raw };
    const noteOf = (text: string): string =>
      formatNote(text, [formatSignature(key, sign(null, Buffer.from(text), privateKey))]);
    return { key, noteOf };
  };
  const log = keyOf('log.example');
  const note = log.noteOf(checkpointText(checkpoint));
  const trust = { keys: [log.key], witnesses: [] };

  test('the genuine one is believed', () => {
    expect(readTrusted(note, trust)).toMatchObject({ size: SIZE, origin: 'log.example' });
  });
  test('no byte of it can be changed', () => {
    fc.assert(
      fc.property(fc.nat(Buffer.byteLength(note) - 1), fc.integer({ min: 1, max: 127 }), (place, by) => {
        const bytes = Buffer.from(note);
        bytes[place]! ^= by;
        expect(() => readTrusted(bytes.toString(), trust)).toThrow();
      }),
      { numRuns: 500 },
    );
  });
  test('one of another key, or of another log of the same key, is not believed', () => {
    const other = keyOf('log.example').noteOf(checkpointText(checkpoint));
    expect(() => readTrusted(other, trust)).toThrow('not signed by the given key');
    const renamed = log.noteOf(checkpointText({ ...checkpoint, origin: 'elsewhere' }));
    expect(() => readTrusted(renamed, trust)).toThrow('not signed by the given key');
  });
  test('a genuine one of a shorter or another log does not fit', async () => {
    const shorter = checkpointOf(entries.slice(0, 50));
    expect(wrongAt(await verify(file, [], { checkpoint: shorter }))).toBe(50);
    const other = { ...checkpoint, root: leafHash(Buffer.from('x')) };
    expect(wrongAt(await verify(file, [], { checkpoint: other }))).toBe(OLDER);
  });
});
