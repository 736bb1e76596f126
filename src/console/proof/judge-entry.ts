import type { Entry, TextKind } from '../../access-log/entry.js';
import { presentedEntry } from '../../access-log/presented-entry.js';
import type { components } from '../../generated/api.js';
import { ProofError, fromBase64, isEqual, sha256, toHex, utf8 } from './bytes.js';
import type { CheckpointTrust, JudgedCheckpoint } from './checkpoint-trust.js';
import { leafHash, verifyInclusion } from './merkle.js';
import { type Step, step } from './verdict.js';

type AuditEntry = components['schemas']['AuditEntry'];
type InclusionProof = components['schemas']['InclusionProof'];

const HASH_OF = { adhoc_reason: 'adhoc_hash', custom_audit: 'custom_hash' } as const satisfies Record<
  TextKind,
  keyof Entry
>;

/** What the checks of an entry said, in the order in which they build on each other. */
export interface JudgedEntry {
  readonly steps: readonly Step[];
  readonly checkpoint: JudgedCheckpoint['checkpoint'];
}

/**
 * Judges whether an entry, as it is shown, is in the log: what is shown is what the bytes say, the free texts are those that the bytes commit to, the bytes
 * lead to the root of the checkpoint, and the checkpoint is one that this session believes. Nothing of the answer is taken on trust.
 */
export async function judgeEntry(
  shown: AuditEntry,
  proof: InclusionProof,
  trust: CheckpointTrust,
): Promise<JudgedEntry> {
  const contents = await step('Contents', () => sameContents(shown, proof));
  const texts = await step('Free texts', () => genuineTexts(proof));
  const { checkpoint, steps } = await trust.judge(String(proof.checkpoint));
  const inclusion = await step('Inclusion', async () => {
    if (!checkpoint) throw new ProofError('There is no checkpoint that it could lead to.');
    if (checkpoint.size !== proof.size)
      throw new ProofError('The proof is of another size than the checkpoint.');
    const leaf = await leafHash(fromBase64(proof.entry));
    if (!isEqual(leaf, fromBase64(proof.leaf)))
      throw new ProofError('The bytes do not have the hash that is proved.');
    const hashes = proof.proof.map(fromBase64);
    if (!(await verifyInclusion(shown.index, checkpoint.size, leaf, hashes, checkpoint.root))) {
      throw new ProofError(`The proof does not lead from entry ${shown.index} to the checkpoint.`);
    }
    return `${hashes.length} hashes lead from the entry to the root of the log of ${checkpoint.size} entries.`;
  });
  return { checkpoint, steps: [contents, texts, inclusion, ...steps.map(ofCheckpoint)] };
}

function sameContents(shown: AuditEntry, proof: InclusionProof): string {
  const told = presentedEntry(shown.index, entryOf(proof), {
    adhocReason: textOf(proof, 'adhoc_reason'),
    customAudit: textOf(proof, 'custom_audit'),
  });
  if (canonical(told) !== canonical(shown))
    throw new ProofError('What is shown is not what the bytes in the log say.');
  return 'What is shown is what the bytes in the log say.';
}

async function genuineTexts(proof: InclusionProof): Promise<string> {
  const entry = entryOf(proof);
  for (const { kind, salt, text } of proof.texts) {
    // A longer salt could hold the beginning of another text.
    const bytes = fromBase64(salt);
    const hash = bytes.length === 16 ? toHex(await sha256(bytes, utf8(text))) : undefined;
    if (hash === undefined || hash !== entry[HASH_OF[kind]]) {
      throw new ProofError('A free text is not the one that the entry was recorded with.');
    }
  }
  const committed = Object.values(HASH_OF).filter((name) => entry[name] !== undefined).length;
  if (committed === 0) return 'The entry has none.';
  const erased = committed - proof.texts.length;
  if (erased === 0) return 'They have the hashes that the entry was recorded with.';
  return `${erased} of ${committed} is not there any more; a later entry must say who erased it.`;
}

/** The entry that the bytes say, which may still be of any shape: whoever reads members of it does so inside a step. */
function entryOf(proof: InclusionProof): Entry {
  const entry = JSON.parse(
    new TextDecoder('utf-8', { fatal: true }).decode(fromBase64(proof.entry)),
  ) as Entry;
  if (entry.v !== 1) throw new ProofError('The entry is of a version that this console does not know.');
  return entry;
}

function textOf({ texts }: InclusionProof, kind: TextKind): string | null {
  return texts.find((text) => text.kind === kind)?.text ?? null;
}

function ofCheckpoint(each: Step): Step {
  return { ...each, name: `Checkpoint: ${each.name.toLowerCase()}` };
}

/** JSON with the members of every object in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
