import { ALONE, isAlone } from './scenarios.mjs';
import { ratio } from './statistics.mjs';

/**
 * @typedef {import('./load.mjs').Measured} Measured
 * @typedef {{ scenario: string, measured: Record<string, Measured> }} Result
 */

/** What the first contestant is compared with, and what the comparison is called. */
const BASELINES = ['bare', 'bare_audited', 'bare_pgcrypto', 'other', 'without_log'];

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
    ...(options.scale && {
      growth: Object.fromEntries(results.map(({ scenario, measured }) => [scenario, growthOf(measured)])),
    }),
    ratios: Object.fromEntries(
      results
        .filter(({ scenario }) => !options.scale || isAlone(scenario))
        .map(({ scenario, measured }) => [
          scenario,
          isAlone(scenario) ? ratiosAlone(scenario, measured) : ratiosOf(measured),
        ]),
    ),
    access_logs: logs,
  };
}

/** Throughput of the vault as a multiple of each baseline's, and CPU of each baseline with its PostgreSQL as a multiple of the vault's. @param {Record<string, Measured>} measured */
function ratiosOf({ vault, ...others }) {
  const present = BASELINES.filter((name) => others[name]);
  return Object.fromEntries(
    present.flatMap((name) => [
      [name, ratio(vault.requestsPerSecond, others[name].requestsPerSecond)],
      [`${name}_cpu`, ratio(cpuPerItem(others[name]), cpuPerItem(vault))],
    ]),
  );
}

/**
 * What the vault alone is asked, as a multiple of the same thing asked one at a time: throughput of things where many share a request, and
 * cost of a request where it is another way to the same thing.
 * @param {keyof typeof ALONE} scenario
 * @param {Record<string, Measured>} measured
 */
function ratiosAlone(scenario, measured) {
  const { against, target, byLog } = ALONE[scenario];
  const perSecond = (/** @type {Measured} */ all) => all.requestsPerSecond * all.items;
  const compared = Object.entries(measured).flatMap(([name, many]) => {
    if (byLog) return [[`${name}_process_p50_ms`, many.processP50]];
    if (against === null) {
      return [
        [`${name}_objects_per_second`, Math.round(perSecond(many))],
        [`${name}_cpu_us_per_object`, Math.round(cpuPerItem(many))],
      ];
    }
    const [who, callers = ''] = name.split(/(?=_one_caller$)/);
    const one = measured[`${who}_${against}${callers}`];
    if (!one) return [];
    return scenario === 'search_indexed'
      ? [
          [`${name}_time`, ratio(perSecond(one), perSecond(many))],
          [`${name}_cpu`, ratio(cpuPerItem(many), cpuPerItem(one))],
        ]
      : [
          [`${name}_items_per_second`, ratio(perSecond(many), perSecond(one))],
          [`${name}_items_per_cpu`, ratio(cpuPerItem(one), cpuPerItem(many))],
        ];
  });
  return { ...Object.fromEntries(compared), target };
}

/** @param {Measured} one */
function cpuPerItem({ cpuMicroseconds, databaseCpuMicroseconds, items }) {
  return ((cpuMicroseconds ?? NaN) + (databaseCpuMicroseconds ?? NaN)) / items;
}

/** Cost with the large tables as a multiple of that with the small ones. @param {Record<string, Measured>} measured */
function growthOf({ small, large, large_hot: hot }) {
  return {
    time_per_request: ratio(small.requestsPerSecond, large.requestsPerSecond),
    cpu_per_request: ratio(cpuPerItem(large), cpuPerItem(small)),
    ...(hot && {
      hot_time_per_request: ratio(small.requestsPerSecond, hot.requestsPerSecond),
      hot_cpu_per_request: ratio(cpuPerItem(hot), cpuPerItem(small)),
    }),
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
    wal_bytes_per_request: rounded(one.walBytes),
    rss_mb: rounded(one.residentMegabytes),
    ...(one.items > 1 && { items_per_second: rounded(one.requestsPerSecond * one.items) }),
    ...(one.processP50 !== null && { process_p50_ms: rounded(one.processP50, 2) }),
  };
}

/** Prints it for people. @param {ReturnType<typeof document>} found */
export function printTable(found) {
  const rows = Object.entries(found.results).flatMap(([scenario, byName]) =>
    Object.entries(byName).map(([name, figures]) => ({ scenario, who: name, ...figures })),
  );
  console.table(rows);
  if (found.growth) {
    console.log('Cost with the large tables against the small ones:');
    console.table(found.growth);
  }
  if (Object.keys(found.ratios).length > 0) {
    console.log('Against the baselines, and many at once against one at a time:');
    console.table(found.ratios);
  }
  for (const { name, answers, entries, bytesPerEntry } of found.access_logs) {
    console.log(
      `Access log of ${name}: intact, ${entries} entries for ${answers} answers and the setting up, ${bytesPerEntry} bytes each on disk.`,
    );
  }
  console.log(found.machine);
}
