/**
 * Reads through two vaults over one database while everything breaks that can, and counts what was shown without a durable record: nothing may
 * be. `node bench/faults.mjs [--reads 100000] [--kills 50]`, after `npm run build`; as root also with a full disk. Exits 1 for a single
 * answer without its entry, or a log that does not verify.
 */
import { randomBytes, randomInt } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startFaults } from './faults/inject.mjs';
import { COLLECTION, SCHEMA, TOKENIZED, person } from './people.mjs';
import { query, startPostgres } from './postgres.mjs';
import { cleanUp, cleanUpOnSignals, freePort, startNode, untilReady } from './processes.mjs';
import { client, verifiedEntries } from './vault-client.mjs';

const CLIENTS = 48;
const OBJECTS = 500;
const API = '/api/pvlt/1.0';
const DATA = `${API}/data/collections/${COLLECTION}`;
const MAIN = path.join(import.meta.dirname, '../dist/main.js');

const { values } = parseArgs({
  options: { reads: { type: 'string', default: '100000' }, kills: { type: 'string', default: '50' } },
});
const reads = Number(values.reads);

cleanUpOnSignals();
try {
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await cleanUp();
}

/** @returns {Promise<boolean>} whether nothing was shown unrecorded and the log is intact */
async function run() {
  const postgres = await startPostgres();
  const superuserUrl = await postgres.createDatabase('faults');
  const databaseUrl = await ownedBySomebodyElse(superuserUrl);
  const env = {
    DATABASE_URL: databaseUrl,
    COATCHECK_KMS_KEY: randomBytes(32).toString('hex'),
    COATCHECK_SERVICE_ADMIN_API_KEY: `Faults1${randomBytes(16).toString('hex')}`,
    COATCHECK_SERVICE_ADMIN_MAY_READ_DATA: 'true',
    COATCHECK_SERVICE_RATE_LIMIT_PER_ADDRESS: '10000000',
    COATCHECK_SERVICE_RATE_LIMIT_PER_CLIENT: '10000000',
  };
  const vaults = [await startVault(env), await startVault(env)];
  const shown = await fill(vaults[0].url, env.COATCHECK_SERVICE_ADMIN_API_KEY);

  const stop = await startFaults(
    { superuserUrl, postgres, restart: () => vaults[1].restart() },
    Number(values.kills),
  );
  const seen = await readAll(vaults, env.COATCHECK_SERVICE_ADMIN_API_KEY, shown);
  const injected = await stop();

  const recorded = await recordedRequests(superuserUrl);
  const unmatched = [...seen.shown].filter((id) => !recorded.has(id));
  const entries = await verifiedEntries(path.dirname(MAIN), superuserUrl);
  console.log({
    reads,
    shown: seen.shown.size,
    refused: Object.fromEntries(seen.refused),
    entries_that_show: recorded.size,
    unmatched: unmatched.length,
    injected,
    verified: `${entries} entries`,
  });
  return unmatched.length === 0 && seen.shown.size > 0;
}

/** A database whose owner is no superuser, so that rights can be taken away. @param {string} superuserUrl */
async function ownedBySomebodyElse(superuserUrl) {
  const password = randomBytes(16).toString('hex');
  await query(superuserUrl, `create role keeper login password '${password}'`);
  await query(superuserUrl, 'alter database faults owner to keeper');
  const url = new URL(superuserUrl);
  url.username = 'keeper';
  url.password = password;
  return url.href;
}

/** A vault in a process of its own that can be killed and comes back at its address. @param {Record<string, string>} env */
async function startVault(env) {
  const listen = `127.0.0.1:${await freePort()}`;
  const url = `http://${listen}`;
  const start = async () => {
    const server = startNode([MAIN, 'serve'], { ...env, COATCHECK_SERVICE_LISTEN_ADDR: listen });
    return {
      pid: server.pid,
      ended: server.ended,
      ready: untilReady(`${url}${API}/data/info/health`, server.ended),
    };
  };
  let running = await start();
  await running.ready;
  return {
    url,
    async restart() {
      process.kill(running.pid, 'SIGKILL');
      await running.ended;
      // A database that is away ends a start, as an orchestrator would see it.
      for (;;) {
        running = await start();
        const ready = await running.ready.then(
          () => true,
          () => false,
        );
        if (ready) return;
      }
    },
  };
}

/** Objects and tokens to read. @param {string} url @param {string} key */
async function fill(url, key) {
  const admin = client(url, key);
  await admin('POST', `${API}/ctl/collections`, SCHEMA, 'application/pvschema');
  const objects = [];
  for (let n = 0; n < OBJECTS; n++)
    objects.push(
      (await admin('POST', `${DATA}/objects?reason=AppFunctionality`, JSON.stringify(person()))).id,
    );
  const wanted = objects
    .slice(0, 100)
    .map((id) => ({ type: 'randomized', object: { id }, props: TOKENIZED }));
  const tokens = (await admin('POST', `${DATA}/tokens?reason=AppFunctionality`, JSON.stringify(wanted))).map(
    (/** @type {any} */ t) => t.token_id,
  );
  return { objects, tokens };
}

/**
 * @param {{ url: string }[]} vaults
 * @param {string} key
 * @param {{ objects: string[], tokens: string[] }} of
 */
async function readAll(vaults, key, { objects, tokens }) {
  /** @type {Set<string>} */
  const shown = new Set();
  /** @type {Map<string, number>} */
  const refused = new Map();
  const headers = { authorization: `Bearer ${key}` };
  let left = reads;
  const reader = async () => {
    while (left-- > 0) {
      const { url } = vaults[randomInt(vaults.length)];
      const at =
        randomInt(2) === 0
          ? `${DATA}/objects/${objects[randomInt(objects.length)]}?options=unsafe&reason=AppFunctionality`
          : `${DATA}/tokens?token_ids=${tokens[randomInt(tokens.length)]}&reason=AppFunctionality`;
      const outcome = await fetch(url + at, { headers }).then(
        async (answer) => {
          const text = await answer.text();
          if (answer.status === 200 && text.includes('Person'))
            shown.add(answer.headers.get('x-request-id') ?? '');
          return String(answer.status);
        },
        () => 'no answer',
      );
      if (outcome === '200') continue;
      // Nobody was there to read from.
      if (outcome === 'no answer') left++;
      refused.set(outcome, (refused.get(outcome) ?? 0) + 1);
      // As a client that was asked to come back would; not at once, or a dead vault would use up the reads.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, reader));
  return { shown, refused };
}

/** The requests whose entry says that they were shown something. @param {string} url @returns {Promise<Set<string>>} */
async function recordedRequests(url) {
  const rows = await query(
    url,
    `select convert_from(bytes, 'UTF8')::jsonb ->> 'request_id' as id from access_log
      where convert_from(bytes, 'UTF8')::jsonb ->> 'outcome' in ('allowed', 'masked')
        and convert_from(bytes, 'UTF8')::jsonb ->> 'operation' in ('getObjectById', 'detokenize')`,
  );
  return new Set(rows.map(({ id }) => id));
}
