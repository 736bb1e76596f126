import { fillDirectly } from './fill.mjs';
import { INDEXED_SCHEMA } from './people.mjs';
import { startVault } from './vault.mjs';

const SMALL = 10_000;
const LARGE = 200_000;

/**
 * Two vaults that differ only in how much is in them. One property is indexed, which the other contestants' is not.
 * @param {import('./postgres.mjs').Postgres} postgres
 * @param {import('./options.mjs').Options} options
 * @param {(line: string) => void} say
 * @returns {Promise<import('./load.mjs').Contestant[]>}
 */
export async function startScaleContestants(postgres, options, say) {
  say(`Filling one vault with ${SMALL} objects and one with ${LARGE} ...`);
  return [
    await startVault(postgres, 'small', options, fillDirectly(SMALL, say), { schema: INDEXED_SCHEMA }),
    await startVault(postgres, 'large', options, fillDirectly(LARGE, say), { schema: INDEXED_SCHEMA }),
  ];
}
