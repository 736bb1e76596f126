import autocannon from 'autocannon';
import { cpuSeconds, residentMegabytes } from './processes.mjs';
import { percentile } from './statistics.mjs';

/** Different requests of one connection; times the connections that is the pool the ids are drawn from. */
const REQUESTS_PER_CONNECTION = 100;
/** Where a request is about many things, so few of them: their bodies are all kept in memory. */
const LARGE_REQUESTS_PER_CONNECTION = 10;

/**
 * @typedef {object} Request
 * @property {'GET' | 'POST'} method
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {string} [body]
 *
 * @typedef {object} Plan
 * @property {() => Request} next makes a request about something drawn at random
 * @property {string} shows what every answer must hold
 * @property {number} [items] things a request is about, if not one
 * @property {number} [connections] if not as many as the options say
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string} url
 * @property {number} pid of the server, which may have workers
 * @property {number} databasePid of PostgreSQL
 * @property {() => Promise<number>} walBytes that PostgreSQL has written to its write-ahead log so far
 * @property {(scenario: import('./scenarios.mjs').Scenario) => Plan} plan
 * @property {(name: string, count: number) => Contestant} [askedAbout] the same under another name, asked about so many objects only
 * @property {() => Promise<Contestant>} [another] starts a second instance over the same database
 * @property {() => Promise<LogFacts>} [verify] checks what the load left behind
 * @property {(operation: string) => Promise<Duration>} duration how long the server says that it took for requests of an operation so far
 * @property {() => Promise<number[]>} [durations] milliseconds that the server says it took for the requests since the last call
 * @property {number} answers counts its answers
 *
 * @typedef {object} LogFacts
 * @property {string} name
 * @property {number} answers
 * @property {number} entries
 * @property {number} bytesPerEntry on disk, with all that it is searched by
 *
 * @typedef {object} Measured
 * @property {number} requestsPerSecond
 * @property {number} p50 milliseconds
 * @property {number} p99 milliseconds
 * @property {number | null} cpuMicroseconds of the server process, per request
 * @property {number | null} databaseCpuMicroseconds of all processes of PostgreSQL, per request
 * @property {number} walBytes of PostgreSQL's write-ahead log, per request
 * @property {number | null} residentMegabytes of the server process, afterwards
 * @property {number} items things a request was about
 * @property {number | null} processP50 milliseconds by the server's own request log, where that is read
 */

/**
 * Loads a contestant for some seconds. Throws unless every answer was 200 and held what it must.
 * @param {Contestant} contestant
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {import('./options.mjs').Options} options
 * @param {number} seconds
 * @param {number} [callers] connections, if not as many as the scenario or the options say
 * @returns {Promise<Measured>}
 */
export async function load(contestant, scenario, options, seconds, callers) {
  const { next, shows, items = 1, ...plan } = contestant.plan(scenario);
  const connections = callers ?? plan.connections ?? options.connections;
  const different = items === 1 ? REQUESTS_PER_CONNECTION : LARGE_REQUESTS_PER_CONNECTION;
  await contestant.durations?.();
  /** @type {number[]} */
  const latencies = [];
  /** @type {Map<number, number>} */
  const statuses = new Map();
  const before = await usedBy(contestant);

  const result = await new Promise((resolve, reject) => {
    const running = autocannon(
      {
        url: contestant.url,
        connections,
        duration: seconds,
        sampleInt: 100,
        timeout: 30,
        // Each connection has requests of its own: otherwise all would ask for the same thing at the same time.
        setupClient: (client) => client.setRequests(Array.from({ length: different }, next)),
        verifyBody: (body) => String(body).includes(shows),
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    );
    running.on('response', (_client, status, _bytes, milliseconds) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      latencies.push(milliseconds);
    });
  });
  const after = await usedBy(contestant);

  const wrong = [...statuses].filter(([status]) => status !== 200);
  if (wrong.length > 0 || result.errors > 0 || result.mismatches > 0 || latencies.length === 0) {
    const seen = [...statuses].map(([status, count]) => `${count} x ${status}`).join(', ');
    throw new Error(
      `${contestant.name}, ${scenario}: not every answer was a 200 with data (${seen}; ${result.errors} errors, ${result.mismatches} without data)`,
    );
  }
  contestant.answers += latencies.length;
  const perRequest = (/** @type {'server' | 'database'} */ part) =>
    before[part] === null || after[part] === null
      ? null
      : ((after[part] - before[part]) * 1e6) / latencies.length;
  return {
    requestsPerSecond: latencies.length / result.duration,
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    cpuMicroseconds: perRequest('server'),
    databaseCpuMicroseconds: perRequest('database'),
    walBytes: (after.wal - before.wal) / latencies.length,
    residentMegabytes: await residentMegabytes(contestant.pid),
    items,
    processP50: contestant.durations ? percentile(await contestant.durations(), 50) : null,
  };
}

/** @param {Contestant} contestant */
async function usedBy({ pid, databasePid, walBytes }) {
  return {
    server: await cpuSeconds(pid, true),
    database: await cpuSeconds(databasePid, true),
    wal: await walBytes(),
  };
}
