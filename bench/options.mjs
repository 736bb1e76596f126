import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';

const USAGE = `npm run bench -- [options]
  --quick            short rounds of the first four scenarios: done within a minute, and noisy
  --scale            the vault with 10 k against the vault with 200 k objects, and as many tokens, instead of the baselines
  --scale-to N       so many in place of 200 k
  --json             one JSON document instead of the table
  --only NAME        one scenario: detokenize, tokenize, add_object, get_object, bulk_add, bulk_add_wide, detokenize_many, decrypt_many, or with
                     --scale search_indexed; may be repeated
  --rounds N         interleaved rounds
  --seconds S        length of a round
  --warm-up S        how long each is loaded before it is measured
  --against DIST     a second vault, from the dist folder of another checkout, in the same rounds
  --no-log           a second vault whose access log writes nothing: what the log costs
  --cpu-prof FOLDER  where each vault leaves a CPU profile`;

/**
 * @typedef {object} Options
 * @property {boolean} json
 * @property {boolean} quick
 * @property {boolean} scale
 * @property {number} scaleTo
 * @property {string[]} only
 * @property {number} rounds
 * @property {number} seconds
 * @property {number} warmUpSeconds
 * @property {number} connections
 * @property {string} dist folder of the compiled vault
 * @property {string | undefined} against
 * @property {boolean} noLog
 * @property {string | undefined} cpuProf
 */

/**
 * Reads the command line; prints the usage and ends the process where it makes no sense.
 * @param {string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        quick: { type: 'boolean', default: false },
        scale: { type: 'boolean', default: false },
        'scale-to': { type: 'string' },
        json: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        'warm-up': { type: 'string' },
        against: { type: 'string' },
        'no-log': { type: 'boolean', default: false },
        'cpu-prof': { type: 'string' },
      },
    });
    return {
      json: values.json,
      quick: values.quick,
      scale: values.scale || values['scale-to'] !== undefined,
      scaleTo: wholeNumber('--scale-to', values['scale-to'] ?? '200000'),
      only: values.only,
      rounds: Number(values.rounds ?? (values.quick ? 3 : 7)),
      seconds: Number(values.seconds ?? (values.quick ? 0.6 : 3)),
      warmUpSeconds: Number(values['warm-up'] ?? (values.quick ? 0.5 : 10)),
      connections: 64,
      dist: fileURLToPath(new URL('../dist/', import.meta.url)),
      against: values.against,
      noLog: values['no-log'],
      cpuProf: values['cpu-prof'],
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** @param {string} option @param {string} text */
function wholeNumber(option, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${option} must be a whole number above 0.`);
  return Number(text);
}
