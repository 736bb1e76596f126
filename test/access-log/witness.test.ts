import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkpointText } from '../../src/access-log/checkpoint.js';
import {
  LOG_SIGNATURE,
  type VerifierKey,
  formatNote,
  formatSignature,
  parseNote,
  signersOf,
} from '../../src/access-log/note.js';
import { EMPTY_FRONTIER, appendLeaves, leafHash, rootOf } from '../../src/access-log/tree.js';
import { fileMemory } from '../../src/access-log/witness/memory.js';
import { Witness } from '../../src/access-log/witness/witness.js';
import { witnessKey } from '../../src/crypto/index.js';
import { listenAsWitness } from '../../src/http/witness-server.js';
import { consistencyProof } from './slow-proofs.js';

const ORIGIN = 'log.example';
let directory: string;
let witness: Witness;
let log: { key: VerifierKey; sign(text: string): string };

beforeEach(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-witness-'));
  log = await newLog('log.key');
  witness = await open();
});
afterEach(() => rmSync(directory, { recursive: true }));

async function newLog(file: string) {
  const signing = await witnessKey(path.join(directory, file));
  const key: VerifierKey = { name: ORIGIN, type: LOG_SIGNATURE, publicKey: signing.publicKey };
  return { key, sign: (text: string) => formatSignature(key, signing.sign(Buffer.from(text))) };
}

/** A witness over the same directory: the same key, the same memory. */
async function open(): Promise<Witness> {
  const signing = await witnessKey(path.join(directory, 'witness.key'));
  return new Witness('witness.example', signing, [log.key], fileMemory(directory), () => 1_700_000_000_000);
}

const leaves = (count: number, past = 'entry'): Buffer[] =>
  Array.from({ length: count }, (_, n) => leafHash(Buffer.from(`${past} ${n}`)));

function noteOf(tree: readonly Buffer[], signed = log, origin = ORIGIN): string {
  const text = checkpointText({
    origin,
    size: tree.length,
    root: rootOf(appendLeaves(EMPTY_FRONTIER, tree)),
  });
  return formatNote(text, [signed.sign(text)]);
}

function request(oldSize: number, tree: readonly Buffer[], note = noteOf(tree)): string {
  const proof = oldSize > 0 && oldSize <= tree.length ? consistencyProof(tree, oldSize) : [];
  const lines = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
  return `old ${oldSize}\n${lines.join('')}\n${note}`;
}

const status = async (body: string): Promise<number> => (await witness.addCheckpoint(body)).status;

test('a log that grows is cosigned, and the cosignature verifies', async () => {
  for (const [oldSize, size] of [
    [0, 1],
    [1, 5],
    [5, 5],
    [5, 300],
  ] as const) {
    const note = noteOf(leaves(size));
    const { status: code, body } = await witness.addCheckpoint(request(oldSize, leaves(size), note));
    expect(code).toBe(200);
    expect(signersOf(parseNote(note + body), [log.key, witness.key])).toEqual([log.key, witness.key]);
  }
});

test('409 with the size it knows for another old size, also after a restart', async () => {
  await witness.addCheckpoint(request(0, leaves(5)));
  witness = await open();
  for (const oldSize of [0, 3, 6]) {
    expect(await witness.addCheckpoint(request(oldSize, leaves(9)))).toEqual({
      status: 409,
      contentType: 'text/x.tlog.size',
      body: '5\n',
    });
  }
});

test('409 for another tree of the size it knows', async () => {
  await witness.addCheckpoint(request(0, leaves(5)));
  expect(await status(request(5, leaves(5, 'another')))).toBe(409);
});

test('422 where the log does not continue the one it knows, and its memory stays', async () => {
  await witness.addCheckpoint(request(0, leaves(5)));
  expect(await status(request(5, leaves(9, 'another')))).toBe(422);
  expect(await status(`old 5\n\n${noteOf(leaves(9))}`)).toBe(422);
  expect(await status(request(5, leaves(9)))).toBe(200);
});

test('422 for a proof from nothing', async () => {
  const hash = leaves(1)[0]!.toString('base64');
  expect(await status(`old 0\n${hash}\n\n${noteOf(leaves(5))}`)).toBe(422);
});

test('403 where no known key signed, 404 for a log it does not watch', async () => {
  const stranger = await newLog('stranger.key');
  expect(await status(request(0, leaves(5), noteOf(leaves(5), stranger)))).toBe(403);
  expect(await status(request(0, leaves(5), noteOf(leaves(5), log, 'elsewhere.example')))).toBe(404);
});

test('a signature of the known key that is not genuine is refused', async () => {
  const note = noteOf(leaves(5)).replace('\n5\n', '\n6\n');
  expect(await status(`old 0\n\n${note}`)).toBe(403);
});

test.each<[string, (note: string) => string]>([
  ['nothing', () => ''],
  ['no old size', (note) => `\n${note}`],
  ['a negative old size', (note) => `old -1\n\n${note}`],
  ['an old size with zeroes in front', (note) => `old 007\n\n${note}`],
  ['an old size past the new one', (note) => `old 6\n\n${note}`],
  ['a line that is no hash', (note) => `old 1\nabc\n\n${note}`],
  ['64 lines of proof', (note) => `old 1\n${`${leaves(1)[0]!.toString('base64')}\n`.repeat(64)}\n${note}`],
  ['no checkpoint', () => 'old 0\n\nhello\n'],
  ['a checkpoint without signature', (note) => `old 0\n\n${note.split('\n\n')[0]!}\n`],
])('400 for %s', async (_name, bodyOf) => {
  expect(await status(bodyOf(noteOf(leaves(5))))).toBe(400);
});

test('of two checkpoints at once that both continue the same one, one is cosigned', async () => {
  await witness.addCheckpoint(request(0, leaves(5)));
  const answers = await Promise.all([status(request(5, leaves(7))), status(request(5, leaves(9)))]);
  expect(answers.sort()).toEqual([200, 409]);
});

test('a memory that cannot be read is not taken for a log never seen', async () => {
  await witness.addCheckpoint(request(0, leaves(5)));
  const [file] = readdirSync(directory).filter((name) => name.endsWith('.checkpoint'));
  writeFileSync(path.join(directory, file!), 'damaged');
  await expect(witness.addCheckpoint(request(0, leaves(3, 'another')))).rejects.toThrow();
});

test('over HTTP: 200 and 409 with their content types, 413 for a long body, 503 where it cannot remember', async () => {
  const server = await listenAsWitness(witness, { host: '127.0.0.1', port: 0 });
  try {
    const post = (body: string): Promise<Response> =>
      fetch(`${server.url}/add-checkpoint`, { method: 'POST', body });
    const cosigned = await post(request(0, leaves(5)));
    expect([cosigned.status, (await cosigned.text()).startsWith('— witness.example ')]).toEqual([200, true]);
    const conflict = await post(request(0, leaves(5)));
    expect([conflict.status, conflict.headers.get('content-type'), await conflict.text()]).toEqual([
      409,
      'text/x.tlog.size',
      '5\n',
    ]);
    expect((await post('x'.repeat(70_000))).status).toBe(413);
    expect((await fetch(`${server.url}/elsewhere`)).status).toBe(404);
    for (const file of readdirSync(directory).filter((name) => name.endsWith('.checkpoint'))) {
      writeFileSync(path.join(directory, file), 'damaged');
    }
    const broken = await post(request(5, leaves(6)));
    expect([broken.status, broken.headers.get('retry-after'), await broken.text()]).toEqual([503, '1', '']);
  } finally {
    await server.close();
  }
});
