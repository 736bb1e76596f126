import { verifierKeyOf } from '../../access-log/checkpointer.js';
import { formatVerifierKey } from '../../access-log/note.js';
import type { components } from '../../generated/api.js';
import type { LogKeyRow } from '../../store/access-log/log-keys.js';
import type { Vault } from '../vault.js';

/** The keys that sign checkpoints as auditors get them, and those of the witnesses. */
export function presentLogKeys(
  rows: readonly LogKeyRow[],
  { witnesses }: Vault,
): components['schemas']['LogKeys'] {
  return {
    origin: rows.at(-1)!.origin,
    keys: rows.map((row) => ({
      key: formatVerifierKey(verifierKeyOf(row)),
      created_at: row.createdAt.toISOString(),
      ...(row.retiredAt && { retired_at: row.retiredAt.toISOString() }),
    })),
    witnesses: witnesses.map(({ address }) => formatVerifierKey(address.key)),
  };
}
