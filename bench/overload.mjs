/**
 * Ten times as many connections as a vault can serve, which come back at once whatever they are told. `node bench/overload.mjs [--rounds 3]
 * [--seconds 5]`, after `npm run build`. README.md says how to read what it prints.
 */
import autocannon from 'autocannon';
import { parseArgs } from 'node:util';
import { machine } from './machine.mjs';
import { readOptions } from './options.mjs';
import { startPostgres } from './postgres.mjs';
import { cleanUp, cleanUpOnSignals } from './processes.mjs';
import { median, percentile, ratio } from './statistics.mjs';
import { startVault } from './vault.mjs';

const SCENARIO = 'detokenize';
const PEAK = 64;
const OVERLOAD = 10 * PEAK;
/** Until nothing is being compiled any more. */
const WARM_UP_SECONDS = 10;
/** Until all are connected, which they want to be at the same moment, and the vault has found out how much it can take. */
const SETTLING_SECONDS = 4;
const TARGETS = { goodput_of_peak: 0.8, p99_of_peak: 3 };

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '5' } },
});
const seconds = Number(values.seconds);

cleanUpOnSignals();
try {
  const postgres = await startPostgres();
  const vault = await startVault(postgres, 'vault', readOptions([]));
  await load(vault, PEAK, WARM_UP_SECONDS);
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const peak = await load(vault, PEAK, seconds);
    rounds.push({ peak, overload: await load(vault, OVERLOAD, seconds) });
  }
  const all = (/** @type {(round: typeof rounds[number]) => number} */ figure) => median(rounds.map(figure));
  console.table({
    peak: row(PEAK, ({ peak }) => peak),
    overload: row(OVERLOAD, ({ overload }) => overload),
  });
  console.log('Under overload against the peak:', {
    goodput_of_peak: ratio(
      all(({ peak, overload }) => overload.accepted / peak.accepted),
      1,
    ),
    p99_of_peak: ratio(
      all(({ peak, overload }) => overload.p99 / peak.p99),
      1,
    ),
    targets: TARGETS,
  });
  await vault.verify?.();
  console.log(machine(postgres));

  /** @param {number} connections @param {(round: typeof rounds[number]) => Awaited<ReturnType<typeof load>>} of */
  function row(connections, of) {
    return {
      connections,
      accepted_per_second: Math.round(all((round) => of(round).accepted)),
      refused_per_second: Math.round(all((round) => of(round).refused)),
      p50_ms: Math.round(all((round) => of(round).p50)),
      p99_ms: Math.round(all((round) => of(round).p99)),
    };
  }
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof Error ? error.message : error);
} finally {
  await cleanUp();
}

/**
 * What came after the first seconds, on the same connections. Throws where an answer was neither a 200 with data nor a 503 that says when to come back.
 * @param {import('./load.mjs').Contestant} vault
 * @param {number} connections
 * @param {number} forSeconds
 */
async function load(vault, connections, forSeconds) {
  const { next } = vault.plan(SCENARIO);
  /** @type {number[]} */
  const latencies = [];
  let answers = 0;
  let refused = 0;
  const from = performance.now() + 1000 * SETTLING_SECONDS;
  const counts = () => performance.now() >= from;
  let unexpected = 0;
  const result = await new Promise((resolve, reject) => {
    const running = autocannon(
      {
        url: vault.url,
        connections,
        duration: SETTLING_SECONDS + forSeconds,
        timeout: 30,
        setupClient: (client) => {
          client.setRequests(Array.from({ length: 20 }, next));
          client.on('headers', ({ statusCode, headers }) => {
            if (statusCode === 503 && headers.includes('Retry-After')) refused += Number(counts());
            else if (statusCode !== 200) unexpected += 1;
          });
        },
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    );
    running.on('response', (_client, status, _bytes, milliseconds) => {
      if (status !== 200) return;
      answers += 1;
      if (counts()) latencies.push(milliseconds);
    });
  });
  if (unexpected > 0 || result.errors > 0) {
    throw new Error(`${unexpected} answers were neither 200 nor 503, and there were ${result.errors} errors`);
  }
  vault.answers += answers;
  return {
    accepted: latencies.length / forSeconds,
    refused: refused / forSeconds,
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
  };
}
