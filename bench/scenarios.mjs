/** What the vault and the baselines are asked alike; each contestant knows how to ask for it. */
const COMPARED = /** @type {const} */ (['detokenize', 'tokenize', 'add_object', 'get_object']);

/**
 * What the vault alone is asked, and the scenario of one thing at a time that it is held against in the same rounds; null: none. `target` is
 * what it should come to: a ratio of throughput to reach, for `search_indexed` one of cost, for `bulk_add_wide` objects a second, and where the request log is
 * read (`byLog`) milliseconds to stay below.
 */
export const ALONE = /** @type {const} */ ({
  bulk_add: { against: 'add_object', target: 8, byLog: false },
  bulk_add_wide: { against: null, target: 3_000, byLog: false },
  detokenize_many: { against: 'detokenize', target: 15, byLog: false },
  decrypt_many: { against: null, target: 3, byLog: true },
  search_indexed: { against: 'get_object', target: 1.2, byLog: false },
});

/** @typedef {(typeof COMPARED)[number] | keyof typeof ALONE} Scenario */

/** Needs an index and many objects, which only the vaults of `--scale` have. */
const IN_SCALE = 'search_indexed';

/**
 * The scenarios asked for. Reads come before writes, so that they find the tables as they were filled.
 * @param {import('./options.mjs').Options} options
 * @returns {Scenario[]}
 */
export function scenarios({ only, quick, scale }) {
  const alone = /** @type {(keyof typeof ALONE)[]} */ (Object.keys(ALONE)).filter(
    (name) => (name === IN_SCALE) === scale,
  );
  const all = /** @type {Scenario[]} */ ([...COMPARED, ...alone]);
  const unknown = only.find((name) => !all.some((scenario) => scenario === name));
  if (unknown !== undefined) {
    throw new Error(
      `There is no scenario ${unknown}${scale ? '' : ' without --scale'} and there is: ${all.join(', ')}.`,
    );
  }
  const wanted = only.length > 0 ? all.filter((name) => only.includes(name)) : quick ? [...COMPARED] : all;
  return wanted.sort((a, b) => Number(isWrite(a)) - Number(isWrite(b)));
}

/** @param {Scenario} scenario */
function isWrite(scenario) {
  return (
    scenario === 'tokenize' ||
    scenario === 'add_object' ||
    scenario === 'bulk_add' ||
    scenario === 'bulk_add_wide'
  );
}

/** @param {Scenario} scenario @returns {scenario is keyof typeof ALONE} */
export function isAlone(scenario) {
  return scenario in ALONE;
}
