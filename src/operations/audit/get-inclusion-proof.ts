import type { TextKind } from '../../access-log/entry.js';
import { readInclusionProof } from '../../access-log/tree-reader.js';
import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import {
  checkpointAt,
  checkpointCovering,
  type StoredCheckpoint,
} from '../../store/access-log/checkpoints.js';
import { readLogRows, readLogTexts } from '../../store/access-log/read.js';
import { type Operation, TextAnswer } from '../operation.js';
import type { Vault } from '../vault.js';
import { NOTE_TYPE } from './note-type.js';
import { proven } from './proven.js';

export const getInclusionProof: Operation<'getInclusionProof'> = {
  id: 'getInclusionProof',

  async run(call, vault) {
    const { index, size, format } = call.query;

    await call.record({ outcome: 'allowed' });
    const [[row], stored] = await Promise.all([
      readLogRows(vault.database, index, 1),
      storedCheckpoint(vault, index, size),
    ]);
    if (row?.index !== index) throw new VaultError('PV9080', { field: 'index' });
    if (!stored && size !== undefined) throw new VaultError('PV9080', { field: 'size' });
    const checkpoint = stored ?? (await vault.checkpoints.covering(index));
    const [proof, note, texts] = await Promise.all([
      readInclusionProof(vault.database, index, checkpoint.size),
      vault.checkpoints.note(checkpoint),
      format === 'tlog-proof' ? [] : presentTexts(vault, index),
    ]);
    const hashes = proven(index, row.leaf, proof, checkpoint);

    if (format === 'tlog-proof') return new TextAnswer(NOTE_TYPE, tlogProof(index, hashes, note));
    return {
      index,
      size: checkpoint.size,
      leaf: row.leaf.toString('base64'),
      // Of a pruned entry the hash is left.
      ...(row.bytes && { entry: row.bytes.toString('base64') }),
      texts,
      proof: hashes,
      checkpoint: note,
    };
  },
};

/** The free texts of the entry with their salts: with them the hashes in the entry can be checked, which auditors of the texts may do. */
async function presentTexts(
  { database }: Vault,
  index: number,
): Promise<components['schemas']['AuditSaltedText'][]> {
  const texts = await readLogTexts(database, index, index + 1);
  return texts.map(({ kind, salt, text }) => ({
    kind: kind as TextKind,
    salt: salt.toString('base64'),
    text,
  }));
}

/** The newest checkpoint, or the one of the size asked for; null where there is none, or none that covers the entry. */
async function storedCheckpoint(
  { database }: Vault,
  index: number,
  size: number | undefined,
): Promise<StoredCheckpoint | null> {
  if (size === undefined) return checkpointCovering(database, index);
  return size > index ? checkpointAt(database, size) : null;
}

/** The text form (https://c2sp.org/tlog-proof). */
function tlogProof(index: number, hashes: readonly string[], note: string): string {
  return ['c2sp.org/tlog-proof@v1', `index ${index}`, ...hashes, '', note].join('\n');
}
