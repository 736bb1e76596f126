import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { SCHEMA, WIDE_SCHEMA, person } from './people.mjs';
import { planOf, tokenizing } from './plans.mjs';
import { freePort, startNode, untilReady } from './processes.mjs';
import { IAM } from './roles.mjs';
import { API, DATA, REASON, bytesOfLog, client, verifiedEntries } from './vault-client.mjs';

/** Objects made for the load, each with a token; requests draw from them at random. */
const OBJECTS = 4_000;
/** Setting up must not take longer than the bench: so many requests at a time. */
const AT_A_TIME = 32;

/**
 * Starts a vault as in production, with a database of its own, and fills it through its API.
 * @param {import('./postgres.mjs').Postgres} postgres
 * @param {string} name
 * @param {import('./options.mjs').Options} options
 * @param {(vault: import('./fill/sealer.mjs').RunningVault) => Promise<import('./fill.mjs').Filled>} [fill]
 * @param {{ schema?: string, requestLog?: import('./request-log.mjs').RequestLog, withoutLog?: boolean, env?: Record<string, string> }} [more] another
 *   schema, where its request log goes, whether its access log writes nothing, and more settings
 * @returns {Promise<import('./load.mjs').Contestant>}
 */
export async function startVault(postgres, name, options, fill = fillThroughApi, more = {}) {
  const databaseUrl = await postgres.createDatabase(`vault_${name}`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const adminKey = `Bench1${randomBytes(16).toString('hex')}`;
  const rootKey = randomBytes(32).toString('hex');
  const env = {
    DATABASE_URL: databaseUrl,
    COATCHECK_KMS_KEY: rootKey,
    COATCHECK_SERVICE_ADMIN_API_KEY: adminKey,
    COATCHECK_SERVICE_LISTEN_ADDR: `127.0.0.1:${port}`,
    // The limiters do their work and never say no.
    COATCHECK_SERVICE_RATE_LIMIT_PER_ADDRESS: '10000000',
    COATCHECK_SERVICE_RATE_LIMIT_PER_CLIENT: '10000000',
    // A vault's first check of the whole log comes within a minute of its start and then once a day: beside some of the rounds it would be measured with.
    COATCHECK_AUDIT_CHECK_INTERVAL: '0',
    ...more.env,
  };
  const profiling = options.cpuProf ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(options.cpuProf)}`] : [];
  const program = more.withoutLog
    ? path.join(import.meta.dirname, 'serve-without-log.mjs')
    : path.join(options.dist, 'main.js');
  /** @param {Record<string, string>} settings @param {string} at */
  const start = async (settings, at) => {
    const started = startNode(
      [...profiling, program, 'serve'],
      more.withoutLog ? { ...settings, COATCHECK_BENCH_DIST: options.dist } : settings,
      more.requestLog?.file,
    );
    await untilReady(`${at}${API}/data/info/health`, started.ended);
    return started;
  };
  const server = await start(env, url);

  const admin = client(url, adminKey);
  for (const schema of [more.schema ?? SCHEMA, WIDE_SCHEMA])
    await admin('POST', `${API}/ctl/collections`, schema, 'application/pvschema');
  await admin('POST', `${API}/ctl/iam/conf`, IAM, 'application/toml');
  const keyOf = async (/** @type {string} */ user) =>
    (await admin('POST', `${API}/ctl/iam/user/regen`, JSON.stringify({ name: user }))).api_key;
  const keys = { app: await keyOf('app'), support: await keyOf('support'), crypto: await keyOf('crypto') };
  const filled = await fill({
    ...{ databaseUrl, rootKey, dist: options.dist },
    ...{ app: client(url, keys.app), support: client(url, keys.support), crypto: client(url, keys.crypto) },
  });

  const contestant = {
    name,
    url,
    pid: server.pid,
    databasePid: postgres.pid,
    walBytes: postgres.walBytes,
    answers: 0,
    durations: more.requestLog?.durations,
    plan: (/** @type {import('./scenarios.mjs').Scenario} */ scenario) => planOf(scenario, keys, filled),
    askedAbout: (/** @type {string} */ other, /** @type {number} */ count) => ({
      ...contestant,
      ...{ name: other, verify: undefined },
      plan: (/** @type {import('./scenarios.mjs').Scenario} */ scenario) =>
        planOf(scenario, keys, evenly(filled, count)),
    }),
    /** A second instance over the same database. */
    another: async () => {
      const listen = `127.0.0.1:${await freePort()}`;
      const second = await start({ ...env, COATCHECK_SERVICE_LISTEN_ADDR: listen }, `http://${listen}`);
      return { ...contestant, url: `http://${listen}`, pid: second.pid, verify: undefined };
    },
    verify: more.withoutLog
      ? undefined
      : async () => {
          const entries = await verifiedEntries(options.dist, databaseUrl);
          if (entries < contestant.answers) {
            throw new Error(
              `${name}: ${contestant.answers} answers, but only ${entries} entries in the access log`,
            );
          }
          const bytesPerEntry = (await bytesOfLog(databaseUrl)) / entries;
          return { name, answers: contestant.answers, entries, bytesPerEntry: Math.round(bytesPerEntry) };
        },
  };
  return contestant;
}

/** @param {import('./fill/sealer.mjs').RunningVault} vault */
async function fillThroughApi({ app }) {
  const objects = await manyAtATime(OBJECTS, async () => {
    return (await app('POST', `${DATA}/objects?${REASON}`, JSON.stringify(person()))).id;
  });
  const tokens = await manyAtATime(OBJECTS, async (i) => {
    return (await app('POST', `${DATA}/tokens?${REASON}`, tokenizing(objects[i])))[0].token_id;
  });
  return { objects, tokens, emails: [], ciphertexts: [] };
}

/**
 * A fill for a vault that stores nothing and only decrypts.
 * @param {import('./fill/sealer.mjs').RunningVault} vault
 * @returns {Promise<import('./fill.mjs').Filled>}
 */
export async function fillWithCiphertexts({ crypto }) {
  const requests = Array.from({ length: OBJECTS / 4 }, () => {
    const { name, ssn } = person();
    return { type: 'randomized', object: { fields: { name, ssn } } };
  });
  const encrypted = await crypto('POST', `${DATA}/encrypt/objects?${REASON}`, JSON.stringify(requests));
  const ciphertexts = encrypted.map((/** @type {{ ciphertext: string }} */ { ciphertext }) => ciphertext);
  return { objects: [], tokens: [], emails: [], ciphertexts };
}

/**
 * @template T
 * @param {number} count
 * @param {(i: number) => Promise<T>} work
 * @returns {Promise<T[]>}
 */
async function manyAtATime(count, work) {
  /** @type {T[]} */
  const results = new Array(count);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) results[i] = await work(i);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return results;
}

/**
 * So many objects, each with its token, from all over what there is.
 * @param {import('./fill.mjs').Filled} filled
 * @param {number} count
 * @returns {import('./fill.mjs').Filled}
 */
function evenly(filled, count) {
  const every = Math.max(1, Math.floor(filled.objects.length / count));
  const some = (/** @type {string[]} */ all) => all.filter((_, i) => i % every === 0);
  return {
    ...filled,
    objects: some(filled.objects),
    tokens: some(filled.tokens),
    emails: some(filled.emails),
  };
}
