import { fillDirectly } from './fill.mjs';
import { startVault } from './vault.mjs';

const SMALL = 10_000;
const LARGE = 200_000;

/**
 * Two vaults that differ only in how much is in them.
 * @param {import('./postgres.mjs').Postgres} postgres
 * @param {import('./options.mjs').Options} options
 * @param {(line: string) => void} say
 * @returns {Promise<import('./load.mjs').Contestant[]>}
 */
export async function startScaleContestants(postgres, options, say) {
  say(`Filling one vault with ${SMALL} objects and one with ${LARGE} ...`);
  return [
    await startVault(postgres, 'small', options, fillDirectly(SMALL, say)),
    await startVault(postgres, 'large', options, fillDirectly(LARGE, say)),
  ];
}
