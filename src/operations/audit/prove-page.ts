import { readInclusionProofs } from '../../access-log/tree-reader.js';
import type { components } from '../../generated/api.js';
import type { LogRow } from '../../store/access-log/read.js';
import type { Vault } from '../vault.js';
import { proven } from './proven.js';

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
  const ofRows = rows.map(({ index, leaf }, i) => ({
    leaf: leaf.toString('base64'),
    hashes: proven(index, leaf, proofs[i]!, checkpoint),
  }));
  return { checkpoint: await vault.checkpoints.note(checkpoint), ofRows };
}
