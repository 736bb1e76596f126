/**
 * What an auditor waits for in a log of millions: `node bench/audit.mjs [--entries 5000000] [--asked 40] [--json]`, after `npm run build`.
 * Every filter, alone and together with others, by one caller who waits for each answer; proofs and checkpoints beside them.
 */
import { randomBytes, randomInt } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { WORLD, fillLog, oneOf } from './audit/fill-log.mjs';
import { machine } from './machine.mjs';
import { query, startPostgres } from './postgres.mjs';
import { cleanUp, cleanUpOnSignals, freePort, startNode, untilReady } from './processes.mjs';
import { percentile } from './statistics.mjs';
import { client } from './vault-client.mjs';

const DIST = path.join(import.meta.dirname, '../dist');
const HEALTH = '/api/pvlt/1.0/data/info/health';
const AUDIT = '/api/coatcheck/1.0/audit';
/** Milliseconds, at the 95th percentile. */
const TARGETS = { page: 50, proof: 5, checkpoint: 5 };
const WARM_UP_SECONDS = 20;
/** Times as many of what takes a millisecond or two: whatever the vault does once a second is to be among them. */
const MORE = 10;
const HOUR_MS = 3_600_000;

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '5000000' },
    asked: { type: 'string', default: '40' },
    json: { type: 'boolean', default: false },
  },
});
const [count, asked] = [Number(values.entries), Number(values.asked)];
const say = values.json ? () => undefined : (/** @type {string} */ line) => console.log(line);

cleanUpOnSignals();
try {
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase('audit');
  const results = await measure(databaseUrl, postgres.pid);
  if (values.json)
    console.log(JSON.stringify({ machine: machine(postgres), entries: count, results }, null, 2));
  else console.table(results);
} finally {
  await cleanUp();
}

/**
 * @param {string} databaseUrl
 * @param {number} databasePid
 */
async function measure(databaseUrl, databasePid) {
  const listen = `127.0.0.1:${await freePort()}`;
  const env = {
    DATABASE_URL: databaseUrl,
    COATCHECK_KMS_KEY: randomBytes(32).toString('hex'),
    COATCHECK_SERVICE_ADMIN_API_KEY: `Audit1${randomBytes(16).toString('hex')}`,
    COATCHECK_SERVICE_LISTEN_ADDR: listen,
    COATCHECK_SERVICE_RATE_LIMIT_PER_ADDRESS: '10000000',
    COATCHECK_SERVICE_RATE_LIMIT_PER_CLIENT: '10000000',
    // It would read the whole log beside what is measured.
    COATCHECK_AUDIT_CHECK_INTERVAL: '0',
  };
  const migrated = startNode([path.join(DIST, 'main.js'), 'migrate'], env);
  await migrated.ended;
  say(`Filling the log with ${count} entries ...`);
  const requestIds = await fillLog(DIST, databaseUrl, count, say, databasePid);

  // PostgreSQL does so by itself, in the minutes that follow: beside what is measured.
  await query(databaseUrl, 'vacuum analyze');

  const server = startNode([path.join(DIST, 'main.js'), 'serve'], env);
  await untilReady(`http://${listen}${HEALTH}`, server.ended);
  const get = client(`http://${listen}`, env.COATCHECK_SERVICE_ADMIN_API_KEY);
  say('Signing it ...');
  // The first checkpoint after so much is worth waiting for: every node of the tree is made.
  while (sizeOf(await get('GET', `${AUDIT}/checkpoint`, undefined)) < count)
    await new Promise((resolve) => setTimeout(resolve, 500));

  const ask = async (/** @type {() => { target: string, body?: string }} */ question) => {
    const { target, body } = question();
    const start = performance.now();
    const answer = await get(body === undefined ? 'GET' : 'POST', `${AUDIT}${target}`, body);
    return { took: performance.now() - start, found: answer.entries?.length ?? 1 };
  };
  const all = Object.entries(questions(requestIds));
  // Until Node has done compiling, the compiler is a good part of what is measured.
  const warmAt = performance.now() + 1000 * WARM_UP_SECONDS;
  while (performance.now() < warmAt) for (const [, question] of all) await ask(question);

  /** @type {Record<string, { p50_ms: number, p95_ms: number, target_ms: number, entries: number }>} */
  const results = {};
  for (const [name, question] of all) {
    /** @type {number[]} */
    const took = [];
    let found = 0;
    const [kind] = name.split(' ');
    for (let i = 0; i < (kind === 'page' ? asked : MORE * asked); i++) {
      const answer = await ask(question);
      took.push(answer.took);
      found += answer.found;
    }
    results[name] = {
      p50_ms: rounded(percentile(took, 50)),
      p95_ms: rounded(percentile(took, 95)),
      target_ms: TARGETS[/** @type {keyof typeof TARGETS} */ (kind)],
      entries: Math.round(found / took.length),
    };
  }
  return results;
}

/**
 * What is asked, each time about something else.
 * @param {readonly string[]} requestIds
 * @returns {Record<string, () => { target: string, body?: string }>}
 */
function questions(requestIds) {
  const any = (/** @type {readonly string[]} */ list) => list[randomInt(list.length)];
  const page = (/** @type {() => Record<string, string>} */ filter) => () => ({
    target: `/entries?${new URLSearchParams({ limit: '100', ...filter() })}`,
  });
  const hours = () => {
    const from = Date.now() - randomInt(2, 90 * 24) * HOUR_MS;
    return { from: new Date(from).toISOString(), to: new Date(from + HOUR_MS).toISOString() };
  };
  const filters = {
    nothing: () => ({}),
    oldest: () => ({ order: 'oldest' }),
    time: hours,
    user: () => ({ user: any(WORLD.users) }),
    role: () => ({ role: any(WORLD.roles) }),
    key_id: () => ({ key_id: any(WORLD.keys) }),
    tenant: () => ({ tenant: any(WORLD.tenants) }),
    collection: () => ({ collection: any(WORLD.collections) }),
    object_id: () => ({ object_id: oneOf(WORLD.objects) }),
    property: () => ({ property: any(WORLD.properties) }),
    transformation: () => ({ transformation: 'mask' }),
    reason: () => ({ reason: any(WORLD.reasons) }),
    text: () => ({ text: `ticket ${randomInt(1_000_000)}` }),
    operation: () => ({ operation: any(WORLD.operations) }),
    outcome: () => ({ outcome: any(WORLD.outcomes) }),
    rule: () => ({ rule: any(WORLD.rules) }),
    request_id: () => ({ request_id: any(requestIds) }),
    remote_addr: () => ({ remote_addr: any(WORLD.addresses) }),
    nobody: () => ({ user: 'nobody' }),
    'who saw it': () => ({ object_id: oneOf(WORLD.objects), property: 'ssn', order: 'oldest' }),
    'user and month': () => ({
      user: any(WORLD.users),
      from: new Date(Date.now() - 60 * 24 * HOUR_MS).toISOString(),
      to: new Date(Date.now() - 30 * 24 * HOUR_MS).toISOString(),
    }),
    'user, outcome, reason': () => ({
      user: any(WORLD.users),
      outcome: 'denied',
      reason: any(WORLD.reasons),
    }),
    'address and property': () => ({ remote_addr: any(WORLD.addresses), property: any(WORLD.properties) }),
    'tenant and rule': () => ({ tenant: any(WORLD.tenants), rule: any(WORLD.rules), order: 'oldest' }),
  };
  return {
    ...Object.fromEntries(Object.entries(filters).map(([name, filter]) => [`page by ${name}`, page(filter)])),
    'page by token_id': () => ({
      target: '/query',
      body: JSON.stringify({ token_id: oneOf(WORLD.objects), limit: 100 }),
    }),
    'proof of inclusion': () => ({ target: `/proof/inclusion?index=${randomInt(count)}` }),
    'checkpoint newest': () => ({ target: '/checkpoint' }),
  };
}

/** The second line of a checkpoint. @param {string} note */
function sizeOf(note) {
  return Number(note.split('\n')[1]);
}

/** @param {number} milliseconds */
function rounded(milliseconds) {
  return Math.round(milliseconds * 10) / 10;
}
