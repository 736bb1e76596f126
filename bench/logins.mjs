/**
 * What a login pays for the vault: Auth0's Action as the build makes it, 32 logins at a time, against a vault as in production. `node bench/logins.mjs [--logins 4000] [--json]`, after `npm run build`; about
 * forty seconds. README.md says how to read what it prints.
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DIST, HEALTH, startIdpVault } from './idp-vault.mjs';
import { machine } from './machine.mjs';
import { person } from './people.mjs';
import { startPostgres } from './postgres.mjs';
import { onEnd } from './processes.mjs';
import { runBench } from './run-bench.mjs';
import { percentile, ratio } from './statistics.mjs';
import { verifiedEntries } from './vault-client.mjs';

const AT_A_TIME = 32;
const ROUNDS = 4;
const WARM_UP_SECONDS = 15;
/** Milliseconds that 99 of 100 logins must stay below; of one without a vault, every one. */
const TARGETS = /** @type {const} */ ({ first: 80, returning: 40, open: 5 });
/** Fewer than the breaker stays open for. */
const WITHOUT_VAULT = 2_000;
const CLAIM = 'https://bench.example/pii_token';
const require = createRequire(import.meta.url);

const { values } = parseArgs({
  options: { logins: { type: 'string', default: '4000' }, json: { type: 'boolean', default: false } },
});
const perRound = Math.ceil(Number(values.logins) / ROUNDS);

await runBench(run, values.json);

async function run() {
  const postgres = await startPostgres();
  const { url, databaseUrl, keys } = await startIdpVault(postgres, { hook: 'CapIdpHook' });
  const secrets = secretsFor(url, keys.hook);
  const action = loadAction();
  /** @type {object[]} */
  const known = [];
  /** @type {Record<'round_trip' | 'first' | 'returning', number[]>} */
  const times = { round_trip: [], first: [], returning: [] };
  const first = async () => {
    const user = somebody();
    const { link } = await logIn(action, user, secrets);
    known.push({ ...user, app_metadata: { pii_object_id: link } });
  };
  const returning = async (/** @type {number} */ i) => {
    await logIn(action, known[(i * 7) % known.length], secrets);
  };

  // Connections, people to come back, and code that Node has done compiling: until then the compiler is most of what is measured.
  await timed(perRound, first);
  const warmAt = performance.now() + 1000 * WARM_UP_SECONDS;
  while (performance.now() < warmAt) {
    await timed(AT_A_TIME, first);
    await timed(2 * AT_A_TIME, returning);
  }
  for (let round = 0; round < ROUNDS; round++) {
    times.round_trip.push(...(await timed(perRound, () => roundTrip(url))));
    times.first.push(...(await timed(perRound, first)));
    times.returning.push(...(await timed(perRound, returning)));
  }
  const open = await loginsWithoutVault();

  const entries = await verifiedEntries(DIST, databaseUrl);
  const logins = 2 * perRound * (ROUNDS + 1);
  if (entries < logins) throw new Error(`${logins} logins, but only ${entries} entries in the access log`);
  const base = times.round_trip;
  return {
    at_a_time: AT_A_TIME,
    results: {
      round_trip: row(times.round_trip, base),
      first_login: row(times.first, base, TARGETS.first),
      returning_login: row(times.returning, base, TARGETS.returning),
      vault_dead_breaker_open: row(open, base, TARGETS.open),
    },
    log: { logins, entries },
    machine: machine(postgres),
  };
}

/**
 * @param {readonly number[]} times
 * @param {readonly number[]} base
 * @param {number} [target]
 */
function row(times, base, target) {
  const rounded = (/** @type {number} */ value) => Math.round(value * 1000) / 1000;
  const [p50, p99] = [percentile(times, 50), percentile(times, 99)];
  return {
    count: times.length,
    p50_ms: rounded(p50),
    p99_ms: rounded(p99),
    p50_of_round_trip: ratio(p50, percentile(base, 50)),
    p99_of_round_trip: ratio(p99, percentile(base, 99)),
    target_ms: target ?? null,
    reached: target === undefined ? null : p99 <= target,
  };
}

/** @param {string} url @param {string} key */
function secretsFor(url, key) {
  return { COATCHECK_URL: url, COATCHECK_API_KEY: key, COATCHECK_CLAIM: CLAIM };
}

/** The Action, with a breaker of its own: as after a cold start. @returns {(event: object, api: object) => Promise<void>} */
function loadAction() {
  const file = path.join(DIST, 'idp/auth0-post-login.cjs');
  delete require.cache[require.resolve(file)];
  return require(file).onExecutePostLogin;
}

/**
 * One login. Throws unless it brought what it should: a token, or (`without`) none.
 * @param {(event: object, api: object) => Promise<void>} action
 * @param {object} user
 * @param {Record<string, string>} secrets
 * @param {boolean} [without]
 */
async function logIn(action, user, secrets, without = false) {
  /** @type {Record<string, unknown>} */
  const done = {};
  const api = {
    user: {
      setAppMetadata: (/** @type {string} */ name, /** @type {unknown} */ value) => void (done[name] = value),
      setUserMetadata: () => undefined,
    },
    accessToken: {
      setCustomClaim: (/** @type {string} */ name, /** @type {unknown} */ value) => void (done[name] = value),
    },
    access: { deny: () => undefined },
  };
  const connection = { name: 'Username-Password-Authentication', strategy: 'auth0' };
  await action({ user, secrets, connection, client: { client_id: 'web' }, tenant: { id: 'bench' } }, api);
  if ((done[CLAIM] === undefined) !== without) throw new Error('a login did not bring what it should');
  return { link: done.pii_object_id };
}

/** The cheapest thing a vault answers. @param {string} url */
async function roundTrip(url) {
  const answer = await fetch(url + HEALTH);
  await answer.text();
  if (answer.status !== 200) throw new Error(`the health check answered ${answer.status}`);
}

/** A vault that takes connections and says nothing: the first logins find that out, the others do not ask. */
async function loginsWithoutVault() {
  const sockets = new Set();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  onEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const secrets = secretsFor(`http://127.0.0.1:${port}`, 'no key');
  const action = loadAction();
  const login = () => logIn(action, somebody(), secrets, true);
  const print = console.log;
  // Each of these logins says in one line that it went without a token.
  console.log = () => undefined;
  try {
    await timed(AT_A_TIME, login);
    // One after the other: what waits for its turn in this process is no cost of a login's.
    return await timed(WITHOUT_VAULT, login, 1);
  } finally {
    console.log = print;
  }
}

/** A user of Auth0's whose data is still there: the address, which they sign in with, is the profile's own. */
function somebody() {
  const { email, ...app_metadata } = person();
  return { user_id: `auth0|${randomUUID()}`, email, app_metadata };
}

/**
 * Does something so often, so many at a time. Milliseconds of each.
 * @param {number} count
 * @param {(i: number) => Promise<void | object>} work
 * @param {number} [atATime]
 */
async function timed(count, work, atATime = AT_A_TIME) {
  /** @type {number[]} */
  const times = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) {
      const since = performance.now();
      await work(i);
      times.push(performance.now() - since);
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return times;
}
