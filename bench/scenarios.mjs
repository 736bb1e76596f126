/** What is measured; each contestant knows how to ask for it. */
const SCENARIOS = /** @type {const} */ (['detokenize', 'tokenize', 'add_object', 'get_object']);

/** @typedef {(typeof SCENARIOS)[number]} Scenario */

/**
 * The scenarios asked for. Reads come before writes, so that they find the tables as they were filled.
 * @param {import('./options.mjs').Options} options
 * @returns {Scenario[]}
 */
export function scenarios({ only }) {
  const unknown = only.find((name) => !SCENARIOS.some((scenario) => scenario === name));
  if (unknown !== undefined) throw new Error(`There is no scenario ${unknown}.`);
  const wanted = SCENARIOS.filter((name) => only.length === 0 || only.includes(name));
  return wanted.sort((a, b) => Number(isWrite(a)) - Number(isWrite(b)));
}

/** @param {Scenario} scenario */
function isWrite(scenario) {
  return scenario === 'tokenize' || scenario === 'add_object';
}
