import { randomInt, randomUUID } from 'node:crypto';
import { cpuSeconds } from '../processes.mjs';
import { modulesOf, withDatabase } from '../vault-database.mjs';

/** Entries on their way at a time; the log appends them in batches of its own. */
const AT_A_TIME = 5_000;
const DAYS = 90;
const DAY_MS = 24 * 3_600_000;

/** Everybody and everything that a made-up entry may name. */
export const WORLD = {
  users: Array.from({ length: 40 }, (_, i) => `service-${i}`),
  roles: Array.from({ length: 8 }, (_, i) => `role-${i}`),
  keys: Array.from({ length: 60 }, (_, i) => `key-${i}`),
  tenants: Array.from({ length: 20 }, (_, i) => `tenant-${i}`),
  collections: ['users', 'cards', 'orders'],
  operations: ['detokenize', 'getObjectById', 'searchObjects', 'tokenize', 'addObject', 'updateObjectById'],
  properties: ['ssn', 'email', 'name', 'phone', 'card_number'],
  reasons: ['AppFunctionality', 'AccountManagement', 'FraudPreventionSecurityAndCompliance', 'Analytics'],
  rules: Array.from({ length: 12 }, (_, i) => `allow:policy-${i}`),
  addresses: Array.from({ length: 500 }, (_, i) => `10.1.${i >> 8}.${i & 255}`),
  /** Objects there are; each is in the log every now and then. */
  objects: Array.from({ length: 200_000 }, () => randomUUID()),
  outcomes: ['allowed', 'allowed', 'allowed', 'allowed', 'masked', 'masked', 'masked', 'denied', 'failed'],
};

/**
 * One of a list; the first ones far more often, as it is with users, objects and all else.
 * @template T
 * @param {readonly T[]} list
 * @returns {T}
 */
export function oneOf(list) {
  return list[Math.floor(list.length * Math.random() ** 2)];
}

/**
 * Fills the access log of a database with entries of the last ninety days through the vault's own writer and projector: bytes, tree and
 * projection are what years of requests would have left. Returns the request ids of a few of them.
 * @param {string} dist
 * @param {string} databaseUrl whose tables are there and which no vault has open
 * @param {number} count
 * @param {(line: string) => void} say
 * @param {number} databasePid
 * @returns {Promise<string[]>}
 */
export async function fillLog(dist, databaseUrl, count, say, databasePid) {
  const [{ AccessLog }, { catchUp, postSegments }] = await modulesOf(
    dist,
    'access-log/writer.js',
    'access-log/projector.js',
  );
  /** @type {string[]} */
  const known = [];
  const fill = async (/** @type {any} */ database) => {
    const log = new AccessLog(database);
    const start = Date.now() - DAYS * DAY_MS;
    for (let made = 0; made < count;) {
      const size = Math.min(AT_A_TIME, count - made);
      const batch = Array.from({ length: size }, (_, i) =>
        entryAt(new Date(start + ((made + i) / count) * DAYS * DAY_MS)),
      );
      if (made % 50_000 === 0) known.push(batch[0].request_id);
      await Promise.all(batch.map((entry) => log.append(entry)));
      made += size;
      if (made % 500_000 === 0) say(`  ${made} of ${count} entries`);
    }
    const cost = async (/** @type {string} */ what, /** @type {() => Promise<void>} */ work) => {
      const before = await cpuOf(databasePid);
      await work();
      const after = await cpuOf(databasePid);
      const [here, there] = after.map((each, i) => (((each - before[i]) / count) * 1e6).toFixed(1));
      say(`  ${what}: ${there} us of PostgreSQL and ${here} us of the vault's thread for each`);
    };
    await cost('projecting them', () => catchUp(database));
    await cost('making postings', () => postSegments(database));
    const tables = [
      'access_log',
      'access_log_projection',
      'access_log_posting',
      'access_log_text',
      'access_log_hour',
    ];
    for (const table of tables)
      await database.run({ name: `vacuum-${table}`, text: `vacuum analyze ${table}`, values: [] });
  };
  await withDatabase(dist, databaseUrl, fill, { poolSize: 4, statementTimeoutMs: 600_000 });
  return known;
}

/** @param {Date} time */
function entryAt(time) {
  const user = oneOf(WORLD.users);
  const collection = oneOf(WORLD.collections);
  const outcome = oneOf(WORLD.outcomes);
  const asked = [
    ...new Set(Array.from({ length: randomInt(1, 4) }, () => WORLD.properties[randomInt(5)])),
  ].map((name) => [name, outcome === 'masked' ? 'mask' : null]);
  return {
    time: time.toISOString(),
    request_id: randomUUID(),
    user,
    role: WORLD.roles[WORLD.users.indexOf(user) % WORLD.roles.length],
    key_id: oneOf(WORLD.keys),
    operation: oneOf(WORLD.operations),
    collection,
    objects: [oneOf(WORLD.objects)],
    asked,
    ...(outcome !== 'denied' && outcome !== 'failed' && { revealed: asked }),
    reason: oneOf(WORLD.reasons),
    outcome,
    rule: oneOf(WORLD.rules),
    // No configuration has been stored yet: a vault that finds a later one in its log knows that its tables were put back.
    iam_version: 0,
    ...(Math.random() < 0.5 && { tenants: [oneOf(WORLD.tenants)] }),
    remote_addr: oneOf(WORLD.addresses),
    ...(outcome === 'failed' && { error_code: 'PV3001' }),
    ...(Math.random() < 0.02 && { texts: { adhoc_reason: `ticket ${randomInt(1_000_000)} of a customer` } }),
  };
}

/** Seconds of CPU of this process and of the database. @param {number} databasePid */
async function cpuOf(databasePid) {
  const { user, system } = process.cpuUsage();
  return [(user + system) / 1e6, (await cpuSeconds(databasePid, true)) ?? NaN];
}
