import { median } from './statistics.mjs';

/**
 * Measures each contestant once per round, round after round (A B C A B C ...): what disturbs the machine for a while disturbs all of
 * them. Returns the medians.
 * @template {{ name: string }} Contestant
 * @param {readonly Contestant[]} contestants
 * @param {number} rounds
 * @param {(contestant: Contestant) => Promise<import('./load.mjs').Measured>} measure
 * @returns {Promise<Record<string, import('./load.mjs').Measured>>}
 */
export async function inTurn(contestants, rounds, measure) {
  /** @type {Map<string, import('./load.mjs').Measured[]>} */
  const measured = new Map(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) measured.get(contestant.name)?.push(await measure(contestant));
  }
  return Object.fromEntries([...measured].map(([name, all]) => [name, medians(all)]));
}

/**
 * The median of each figure by itself; of those that some round could not tell, null.
 * @param {import('./load.mjs').Measured[]} all
 * @returns {import('./load.mjs').Measured}
 */
function medians(all) {
  const names = Object.keys(all[0] ?? {});
  const figures = names.map((name) => {
    const values = all.map((one) => one[/** @type {keyof import('./load.mjs').Measured} */ (name)]);
    const known = values.filter((value) => value !== null);
    return [name, known.length < values.length ? null : median(known)];
  });
  return Object.fromEntries(figures);
}
