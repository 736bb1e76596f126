import { randomInt } from 'node:crypto';
import { VaultError } from '../../errors.js';
import { findTaken } from '../../store/tokens/find-reusable.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { CARD_IDS, candidateIds } from './format-preserving-ids.js';

/** Draws for each id: while ids are plenty the first few do, and where the last fail more than 99 in a hundred are taken. */
const DRAWS = [8, 64, 512] as const;

/**
 * A random format-preserving id for each card number that no token of the collection has, each once. Throws PV9040 where there is none left.
 */
export async function freeCardIds(
  vault: Vault,
  collection: KnownCollection,
  cards: readonly string[],
): Promise<string[]> {
  const hashOf = (id: string): Buffer => vault.keyring.lookup.tokenHash(collection.id, id);
  const chosen: (string | undefined)[] = cards.map(() => undefined);
  const used = new Set<string>();

  for (const draws of DRAWS) {
    const pending = cards.flatMap((card, i) =>
      chosen[i] === undefined
        ? [
            {
              i,
              ids: candidateIds(card, draws, () => randomInt(CARD_IDS)).map((id) => ({
                id,
                hash: hashOf(id),
              })),
            },
          ]
        : [],
    );
    if (pending.length === 0) break;
    const hashes = pending.flatMap(({ ids }) => ids.map(({ hash }) => hash));
    const taken = new Set(
      (await findTaken(vault.database, collection.id, hashes)).map((hash) => hash.toString('hex')),
    );
    for (const { i, ids } of pending) {
      const free = ids.find(({ id, hash }) => !used.has(id) && !taken.has(hash.toString('hex')));
      if (!free) continue;
      chosen[i] = free.id;
      used.add(free.id);
    }
  }
  return chosen.map((id) => {
    if (id === undefined) throw new VaultError('PV9040', { reason: 'no id of this form is left' });
    return id;
  });
}
