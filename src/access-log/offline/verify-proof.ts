import { BEFORE_ENTRY } from '../export/jsonl.js';
import { NoteError } from '../note.js';
import { verifyInclusion } from '../proofs.js';
import { leafHash } from '../tree.js';
import { type Trust, type TrustedCheckpoint, readTrusted, requireCosigned } from './trusted-checkpoint.js';

const PROOF =
  /^c2sp\.org\/tlog-proof@v1\n(?:extra [A-Za-z0-9+/]+={0,2}\n)?index (0|[1-9]\d{0,14})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n/;

/** What a proof shows: this entry stood at this position when the checkpoint was signed. */
export interface ProvedEntry {
  readonly index: number;
  readonly checkpoint: TrustedCheckpoint;
}

/**
 * Verifies a C2SP tlog-proof for an entry, without database or network. `entry` is the exact bytes, or a line of an export. Throws {@link NoteError} for a proof that is none, that no trusted key signed, or that does not
 * lead from the entry to the root.
 */
export function verifyProof(proof: string, entry: Buffer, trust: Trust): ProvedEntry {
  const [head, index, encoded] = PROOF.exec(proof) ?? [];
  if (head === undefined) throw new NoteError('that is no proof');
  const checkpoint = readTrusted(proof.slice(head.length), trust);
  requireCosigned(checkpoint, trust);
  const hashes = encoded!
    .split('\n')
    .slice(0, -1)
    .map((hash) => Buffer.from(hash, 'base64'));
  const leaf = leafHash(bytesOf(entry));
  if (!verifyInclusion(Number(index), checkpoint.size, leaf, hashes, checkpoint.root))
    throw new NoteError('the proof does not lead from the entry to the signed root');
  return { index: Number(index), checkpoint };
}

/** The exact bytes of an entry in a file: without a line end, and cut out of its line where it is one of an export. */
function bytesOf(file: Buffer): Buffer {
  const line = file.at(-1) === 0x0a ? file.subarray(0, -1) : file;
  if (!line.subarray(0, 9).equals(Buffer.from('{"index":'))) return line;
  return line.subarray(line.indexOf(BEFORE_ENTRY) + BEFORE_ENTRY.length, -1);
}
