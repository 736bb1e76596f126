import { findTokenGarbage, removeTokenGarbage } from '../../store/garbage.js';
import { type DeletionCount, type GarbageRun, placeOf, sweep } from './garbage-run.js';

/**
 * Tokens that expired long ago, or whose object did, and those whose object is gone. The entries say how many: a token's reference is made
 * of its id, and to know that the token would have to be opened.
 */
export async function tokenGarbage(run: GarbageRun): Promise<DeletionCount[]> {
  const { database } = run.vault;
  let count = 0;
  for (const collection of run.collections) {
    const place = placeOf(run, collection);
    count += await sweep(run, {
      find: (most) => findTokenGarbage(database, place, most),
      facts: ({ length }) => ({ collection: collection.name, rule: 'archived-tokens', count: length }),
      remove: (tokens) => removeTokenGarbage(database, place, tokens),
    });
  }
  return [{ collection_name: 'Tokens', collection_type: 'TOKENS', count }];
}
