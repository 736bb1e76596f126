import { verifyInclusion } from '../../access-log/proofs.js';
import { readInclusionProofs } from '../../access-log/tree-reader.js';
import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { LogRow } from '../../store/access-log/read.js';
import type { Vault } from '../vault.js';

/** The proofs of the rows of a page, in their order, and the signed note that all of them lead to. */
export interface PageProofs {
  readonly checkpoint: string;
  readonly ofRows: readonly components['schemas']['EntryProof'][];
}

/** Proves rows of the log, at least one, against the newest checkpoint that covers them. Throws PV9010 where the stored tree proves them no more. */
export async function provePage(vault: Vault, rows: readonly LogRow[]): Promise<PageProofs> {
  const indexes = rows.map(({ index }) => index);
  const checkpoint = await vault.checkpoints.covering(Math.max(...indexes));
  const proofs = await readInclusionProofs(vault.database, indexes, checkpoint.size);
  const ofRows = rows.map(({ index, leaf }, i) => {
    // As for a single proof: better none than one that proves nothing, and an alarm.
    if (!verifyInclusion(index, checkpoint.size, leaf, proofs[i]!, checkpoint.root)) {
      const detail = `the proof of entry ${index} does not lead to the checkpoint's root`;
      throw new VaultError('PV9010', {}, detail);
    }
    return { leaf: leaf.toString('base64'), hashes: proofs[i]!.map((hash) => hash.toString('base64')) };
  });
  return { checkpoint: await vault.checkpoints.note(checkpoint), ofRows };
}
