import pg from 'pg';
import type { Entry } from '../../src/access-log/entry.js';
import { verifyLog } from '../../src/access-log/verify.js';
import { type OwnPostgres, startOwnPostgres, urlOf } from '../support/test-postgres.js';
import { until } from '../support/until.js';
import { type Answer, type TestVault, startVault } from '../support/vault.js';

/** What a caller may be told while the database is away: come back in a moment. */
const AWAY = ['PV1009', 'PV1010', 'PV9017', 'PV9018'];
const SSN = '078-05-1120';

let own: OwnPostgres;
let vault: TestVault;
let object: string;
let pointer: string;
/** Connections that a test opened past the vault. */
const open: pg.Client[] = [];

beforeAll(async () => {
  own = await startOwnPostgres();
  // The embedded server counts crashes a minute; the test makes more than it would put up with elsewhere.
  vault = await startVault({}, { url: own.postgres.url, drop: async () => undefined });
  await vault.send('POST', '/ctl/collections', {
    raw: 'people PERSONS ( ssn SSN, name NAME NULL )',
    type: 'application/pvschema',
  });
  object = (await vault.send('POST', '/data/collections/people/objects', { json: { ssn: SSN } })).body.id;
  pointer = (
    await vault.send('POST', '/data/collections/people/tokens', {
      json: [{ type: 'pointer', object: { id: object } }],
    })
  ).body[0].token_id;
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.end().catch(() => undefined)));
});
afterAll(async () => {
  await vault?.close().catch(() => undefined);
  await own?.remove();
});

async function connect(url = own.postgres.url): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  open.push(client);
  await client.connect();
  return client;
}

const get = (id: string): Promise<Answer> =>
  vault.send('GET', `/data/collections/people/objects/${id}?options=unsafe`);
const detokenize = (id: string): Promise<Answer> =>
  vault.send('GET', `/data/collections/people/tokens?token_ids=${id}`);

/** 503 with one of the codes, when to come back, and nothing else. */
function expectAway(answer: Answer, codes = AWAY): void {
  expect(codes).toContain(answer.body.error_code);
  expect([answer.status, answer.body.context]).toEqual([503, {}]);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(answer.text).not.toContain(SSN);
}

async function logEntries(): Promise<Entry[]> {
  const client = await connect();
  const { rows } = await client.query<{ bytes: Buffer }>('select bytes from access_log order by index');
  return rows.map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as Entry);
}

test('PostgreSQL killed under load: 503 meanwhile, back without a restart, nothing acknowledged lost, nothing shown unrecorded', async () => {
  const added = new Map<string, string>();
  const tokens = new Map<string, string>();
  const deleted = new Set<string>();
  const answers: Answer[] = [];
  let successes = 0;
  let stopped = false;

  const note = (answer: Answer): Answer => {
    answers.push(answer);
    if (answer.status === 200) successes += 1;
    return answer;
  };
  /** A client that writes, reads, changes and deletes, and keeps a journal of what was acknowledged. */
  const client = async (worker: number): Promise<void> => {
    for (let i = 0; !stopped; i++) {
      const ssn = `${String(100 + worker)}-${String(10 + (i % 80))}-${String(1000 + i)}`;
      const made = note(await vault.send('POST', '/data/collections/people/objects', { json: { ssn } }));
      if (made.status !== 200) continue;
      const id = made.body.id as string;
      added.set(id, ssn);
      const tokenized = note(
        await vault.send('POST', '/data/collections/people/tokens', {
          json: [{ type: 'randomized', object: { id }, props: ['ssn'] }],
        }),
      );
      if (tokenized.status === 200) tokens.set(tokenized.body[0].token_id, ssn);
      const seen = note(await get(id));
      if (seen.status === 200) expect(seen.body.ssn).toBe(ssn);
      if (i % 5 === 4) {
        const gone = note(await vault.send('DELETE', `/data/collections/people/objects/${id}`));
        // Not acknowledged: it may have happened all the same, and is not asked for any more.
        if (gone.status === 200) deleted.add(id);
        added.delete(id);
        if (tokenized.status === 200) tokens.delete(tokenized.body[0].token_id);
      }
      if (i % 7 === 6) note(await vault.send('GET', '/api/coatcheck/1.0/audit/entries?limit=5'));
      if (i % 11 === 10)
        note(await vault.send('GET', '/data/collections/people/count/objects?reload_cache=true'));
    }
  };
  const clients = Promise.all(Array.from({ length: 8 }, (_, worker) => client(worker)));

  try {
    for (let kill = 0; kill < 3; kill++) {
      const before = successes;
      await until('the load goes on', () => successes > before + 60);
      const refused = answers.filter(({ status }) => status === 503).length;
      process.kill(own.postgres.pid, 'SIGKILL');
      await until('somebody notices', () => answers.filter(({ status }) => status === 503).length > refused);
    }
    const before = successes;
    await until('the vault serves again', () => successes > before + 60);
  } finally {
    stopped = true;
    await clients;
  }

  for (const answer of answers.filter(({ status }) => status !== 200)) expectAway(answer);
  expect(added.size).toBeGreaterThan(50);

  for (const [id, ssn] of added) {
    const answer = await get(id);
    expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ ssn })]);
  }
  for (const [id, ssn] of tokens)
    expect((await detokenize(id)).body).toEqual([{ token_id: id, fields: { ssn } }]);
  for (const id of deleted) expect((await get(id)).status).toBe(404);

  const recorded = new Set((await logEntries()).map(({ request_id }) => request_id));
  const unmatched = answers.filter(
    ({ status, headers }) => status === 200 && !recorded.has(headers.get('x-request-id')!),
  );
  expect(unmatched).toEqual([]);
  expect(await verifyLog(vault.app.vault.database)).toEqual(expect.objectContaining({ ok: true }));
});

describe.each([
  ['the access log', 'lock table access_log in access exclusive mode'],
  ["the row of the access log's head", 'select from access_log_head for update'],
])('%s locked by somebody', (_name, lock) => {
  test('shows nothing and changes nothing: 503 PV9017, for refusals and failures too; and goes on when the lock is gone', async () => {
    const locker = await connect();
    await locker.query('begin');
    await locker.query(lock);

    const answers = await Promise.all([
      get(object),
      detokenize(pointer),
      vault.send('GET', '/data/collections/people/objects?options=unsafe'),
      vault.send('POST', '/data/collections/people/objects', { json: { ssn: '219-09-9998' } }),
      vault.send('DELETE', `/data/collections/people/objects/${object}`),
      vault.send('POST', '/data/collections/people/query/objects', { json: { match: { ssn: SSN } } }),
      vault.send('GET', '/data/collections/nothing/objects'),
      vault.send('GET', '/ctl/collections'),
      vault.send('POST', '/ctl/iam/user/regen', { json: { name: 'nobody' } }),
    ]);
    for (const answer of answers) expectAway(answer, ['PV9017']);

    await locker.query('rollback');
    expect((await get(object)).body).toEqual(expect.objectContaining({ ssn: SSN }));
    const found = await vault.send('POST', '/data/collections/people/query/objects?options=unsafe', {
      json: { match: { ssn: '219-09-9998' } },
    });
    expect(found.body.results).toEqual([]);
  });
});

test('whoever may not write the log shows nothing: 503 PV9017', async () => {
  const admin = await connect();
  await admin.query(`create role reader login password 'reader'`);
  await admin.query(`grant usage on schema public, keystore to reader;
    grant select, insert, update, delete on all tables in schema public, keystore to reader;
    grant usage on all sequences in schema public to reader;
    revoke insert on access_log from reader`);
  const url = new URL(own.postgres.url);
  [url.username, url.password] = ['reader', 'reader'];
  const limited = await startVault({}, { url: url.href, drop: async () => undefined });
  try {
    const answer = await limited.send('GET', `/data/collections/people/objects/${object}?options=unsafe`);
    expectAway(answer, ['PV9017']);
    await admin.query('grant insert on access_log to reader');
    const again = await limited.send('GET', `/data/collections/people/objects/${object}?options=unsafe`);
    expect(again.body.ssn).toBe(SSN);
  } finally {
    await limited.close();
    await admin.query('drop owned by reader; drop role reader');
  }
});

test('every connection cut at once: the next requests are served on new ones', async () => {
  const admin = await connect();
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name like 'coatcheck%'`,
  );
  await until('it is served again', async () => {
    const answer = await get(object);
    if (answer.status !== 200) expectAway(answer);
    return answer.status === 200;
  });
});

test('a database that refuses more connections is 503, not 500', async () => {
  const admin = await connect(urlOf(own.postgres.url, 'postgres'));
  const name = new URL(own.postgres.url).pathname.slice(1);
  await admin.query(`alter database "${name}" allow_connections false`);
  try {
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, [name]);
    await until('the connections are gone', async () => (await get(object)).status === 503);
    for (const answer of await Promise.all([get(object), vault.send('GET', '/ctl/collections')]))
      expectAway(answer);
  } finally {
    await admin.query(`alter database "${name}" allow_connections true`);
  }
  await until('it is served again', async () => (await get(object)).status === 200);
});

test('an answer that was acknowledged before the vault itself is closed is there afterwards', async () => {
  const made = await Promise.all(
    Array.from({ length: 20 }, () =>
      vault.send('POST', '/data/collections/people/objects', { json: { ssn: SSN } }),
    ),
  );
  await vault.close();
  vault = await startVault({}, { url: own.postgres.url, drop: async () => undefined });
  for (const { body } of made) expect((await get(body.id)).body.ssn).toBe(SSN);
});

test('a database out of reach stops the start with an error that names neither address nor password', async () => {
  const url = new URL(own.postgres.url);
  url.port = '1';
  const error: unknown = await startVault({}, { url: url.href, drop: async () => undefined }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toEqual(
    expect.objectContaining({ code: 'PV1010', message: 'The database cannot be reached.' }),
  );
  expect(String(error)).not.toContain(url.password);
});
