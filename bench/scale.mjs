import os from 'node:os';
import { fillDirectly } from './fill.mjs';
import { INDEXED_SCHEMA } from './people.mjs';
import { startVault } from './vault.mjs';

const SMALL = 10_000;
/** Objects that the large vault is asked for again and again, from all over its tables. */
const HOT = 2_000;

/** What is usually advised, a quarter of the memory: with the little that is enough for development, PostgreSQL would fetch every page of a large table anew. */
export const SCALE_SHARED_BUFFERS = `${Math.floor(os.totalmem() / 4 / 2 ** 20)}MB`;

/**
 * Two vaults that differ only in how much is in them, the large one twice: asked about anything it has, and about things that it was asked for before.
 * One property is indexed, which the other contestants' is not.
 * @param {import('./postgres.mjs').Postgres} postgres
 * @param {import('./options.mjs').Options} options
 * @param {(line: string) => void} say
 * @returns {Promise<import('./load.mjs').Contestant[]>}
 */
export async function startScaleContestants(postgres, options, say) {
  say(`Filling one vault with ${SMALL} objects and one with ${options.scaleTo} ...`);
  const filled = (/** @type {string} */ name, /** @type {number} */ count) =>
    startVault(postgres, name, options, fillDirectly(count, say), { schema: INDEXED_SCHEMA });
  const [small, large] = [await filled('small', SMALL), await filled('large', options.scaleTo)];
  return [small, large, large.askedAbout('large_hot', HOT)];
}
