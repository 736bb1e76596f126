/**
 * What more processes cost: one, two and four workers and two instances over one database, loaded in turn. `node bench/workers.mjs [--rounds 5]
 * [--seconds 3] [--connections 64]`, after `npm run build`. README.md says how to read what it prints. Exits 1 where a log does not verify.
 */
import { parseArgs } from 'node:util';
import { load } from './load.mjs';
import { machine } from './machine.mjs';
import { readOptions } from './options.mjs';
import { startPostgres } from './postgres.mjs';
import { cleanUp, cleanUpOnSignals, cpuSeconds } from './processes.mjs';
import { median, ratio } from './statistics.mjs';
import { startVault } from './vault.mjs';

const SCENARIOS = /** @type {const} */ (['detokenize', 'add_object']);
/** Throughput per CPU-second of all together, as a multiple of one's: what must be reached. */
const TARGET = 0.9;
/** For each process: all share the machine, and what is still being compiled costs several times as much. */
const WARM_UP_SECONDS = 8;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
  },
});
const options = readOptions([]);
const seconds = Number(values.seconds);
/** Of each process, so that as many requests share its statements and commits whatever the number of processes. */
const connections = Number(values.connections);

/** Connections are not dealt out quite evenly, and a machine that others use is late: nobody is to be turned away for that. */
const unshed = { COATCHECK_SERVICE_MAX_EVENT_LOOP_DELAY_MS: '0' };

/** @typedef {{ name: string, processes: number, instances: import('./load.mjs').Contestant[] }} Setup */

cleanUpOnSignals();
try {
  const postgres = await startPostgres();
  const setups = [await workers(1), await workers(2), await workers(4), await twoInstances()];
  const rows = [];
  for (const scenario of SCENARIOS) {
    for (const setup of setups) await measure(setup, scenario, WARM_UP_SECONDS * setup.processes);
    /** @type {Map<string, { perSecond: number, perCpu: number }[]>} */
    const found = new Map(setups.map(({ name }) => [name, []]));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const setup of setups) found.get(setup.name)?.push(await measure(setup, scenario, seconds));
    }
    rows.push(...compared(scenario, found));
  }
  console.table(rows);
  for (const { instances } of setups) {
    const log = await instances[0]?.verify?.();
    console.log(`Access log of ${log?.name}: intact, ${log?.entries} entries.`);
  }
  console.log(machine(postgres));

  /** @param {number} count @returns {Promise<Setup>} */
  async function workers(count) {
    const name = `workers_${count}`;
    const env = { ...unshed, COATCHECK_SERVICE_WORKERS: String(count) };
    return {
      name,
      processes: count,
      instances: [await startVault(postgres, name, options, undefined, { env })],
    };
  }

  /** @returns {Promise<Setup>} */
  async function twoInstances() {
    const one = await startVault(postgres, 'instances_2', options, undefined, { env: unshed });
    const other = await one.another?.();
    if (!other) throw new Error('There is no second instance.');
    return { name: 'instances_2', processes: 2, instances: [one, other] };
  }

  /** @param {Setup} setup @param {(typeof SCENARIOS)[number]} scenario @param {number} forSeconds */
  async function measure({ processes, instances }, scenario, forSeconds) {
    const each = (connections * processes) / instances.length;
    const before = await cpuOf(instances);
    const loads = instances.map((one) => load(one, scenario, options, forSeconds, each));
    const perSecond = (await Promise.all(loads)).reduce((sum, one) => sum + one.requestsPerSecond, 0);
    return { perSecond, perCpu: (perSecond * forSeconds) / ((await cpuOf(instances)) - before) };
  }

  /** All processes that serve, and the database's. @param {import('./load.mjs').Contestant[]} instances */
  async function cpuOf(instances) {
    const pids = [postgres.pid, ...instances.map(({ pid }) => pid)];
    const used = await Promise.all(pids.map((pid) => cpuSeconds(pid, true)));
    return used.reduce((/** @type {number} */ sum, one) => sum + (one ?? NaN), 0);
  }
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof Error ? error.message : error);
} finally {
  await cleanUp();
}

/**
 * Each against one process, round by round, and the median of that.
 * @param {string} scenario
 * @param {Map<string, { perSecond: number, perCpu: number }[]>} found
 */
function compared(scenario, found) {
  const [alone = []] = found.values();
  return [...found].map(([name, rounds]) => {
    const relative = (/** @type {'perSecond' | 'perCpu'} */ figure) =>
      ratio(median(rounds.map((one, i) => one[figure] / (alone[i]?.[figure] ?? NaN))), 1);
    return {
      scenario,
      who: name,
      requests_per_second: Math.round(median(rounds.map(({ perSecond }) => perSecond))),
      requests_per_cpu_second: Math.round(median(rounds.map(({ perCpu }) => perCpu))),
      throughput_of_one: relative('perSecond'),
      per_cpu_second_of_one: relative('perCpu'),
      target: TARGET,
    };
  });
}
