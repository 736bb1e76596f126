import { verifyInclusion } from '../../access-log/proofs.js';
import { VaultError } from '../../errors.js';
import type { StoredCheckpoint } from '../../store/access-log/checkpoints.js';

/**
 * The hashes of a proof made from the stored tree, in Base64, once they lead from the entry's leaf to the checkpoint's root. Throws PV9010 where a stored hash was
 * changed: a proof that proves nothing is not given, but an alarm.
 */
export function proven(
  index: number,
  leaf: Uint8Array,
  proof: readonly Buffer[],
  { size, root }: Pick<StoredCheckpoint, 'size' | 'root'>,
): string[] {
  if (verifyInclusion(index, size, leaf, proof, root)) return proof.map((hash) => hash.toString('base64'));
  throw new VaultError('PV9010', {}, `the proof of entry ${index} does not lead to the checkpoint's root`);
}
