import { ratio } from './statistics.mjs';

/**
 * @typedef {import('./load.mjs').Measured} Measured
 * @typedef {{ scenario: string, measured: Record<string, Measured> }} Result
 */

/** What the first contestant is compared with, and what the comparison is called. */
const BASELINES = ['bare', 'bare_audited', 'other'];

/**
 * Everything that was found, as it is printed with `--json`.
 * @param {{ options: import('./options.mjs').Options, results: Result[], logs: import('./load.mjs').LogFacts[], machine: object }} found
 */
export function document({ options, results, logs, machine }) {
  return {
    machine,
    settings: { rounds: options.rounds, seconds: options.seconds, connections: options.connections },
    results: Object.fromEntries(
      results.map(({ scenario, measured }) => [
        scenario,
        Object.fromEntries(Object.entries(measured).map(([name, one]) => [name, present(one)])),
      ]),
    ),
    ...(options.scale
      ? { growth: perScenario(results, growthOf) }
      : { ratios: perScenario(results, ratiosOf) }),
    access_logs: logs,
  };
}

/** @param {Result[]} results @param {(measured: Record<string, Measured>) => object} compare */
function perScenario(results, compare) {
  return Object.fromEntries(results.map(({ scenario, measured }) => [scenario, compare(measured)]));
}

/** Throughput of the vault as a multiple of each baseline's. @param {Record<string, Measured>} measured */
function ratiosOf({ vault, ...others }) {
  const present = BASELINES.filter((name) => others[name]);
  return Object.fromEntries(
    present.map((name) => [name, ratio(vault.requestsPerSecond, others[name].requestsPerSecond)]),
  );
}

/** Cost with the large tables as a multiple of that with the small ones. @param {Record<string, Measured>} measured */
function growthOf({ small, large }) {
  const cpu = (/** @type {Measured} */ one) =>
    (one.cpuMicroseconds ?? NaN) + (one.databaseCpuMicroseconds ?? NaN);
  return {
    time_per_request: ratio(small.requestsPerSecond, large.requestsPerSecond),
    cpu_per_request: ratio(cpu(large), cpu(small)),
  };
}

/** @param {Measured} one */
function present(one) {
  const rounded = (/** @type {number | null} */ value, digits = 0) =>
    value === null ? null : Number(value.toFixed(digits));
  return {
    requests_per_second: rounded(one.requestsPerSecond),
    p50_ms: rounded(one.p50, 1),
    p99_ms: rounded(one.p99, 1),
    cpu_us_per_request: rounded(one.cpuMicroseconds),
    database_cpu_us_per_request: rounded(one.databaseCpuMicroseconds),
    rss_mb: rounded(one.residentMegabytes),
  };
}

/** Prints it for people. @param {ReturnType<typeof document>} found */
export function printTable(found) {
  const rows = Object.entries(found.results).flatMap(([scenario, byName]) =>
    Object.entries(byName).map(([name, figures]) => ({ scenario, who: name, ...figures })),
  );
  console.table(rows);
  console.log(
    found.ratios ? 'Throughput against the baselines:' : 'Cost with the large tables against the small ones:',
  );
  console.table(found.ratios ?? found.growth);
  for (const { name, answers, entries } of found.access_logs) {
    console.log(
      `Access log of ${name}: intact, ${entries} entries for ${answers} answers and the setting up.`,
    );
  }
  console.log(found.machine);
}
