import pg from 'pg';
import { type LockWaiter, isOver, lockWaiters } from '../../support/lock-waiters.js';
import { addCollection, addObject, fieldsOf, refused, sql } from '../../support/steps.js';
import { until } from '../../support/until.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const ROUNDS = 12;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(
    vault,
    'users PERSONS ( name NAME NULL SUBSTRING_INDEX, ssn SSN UNIQUE NULL, a STRING NULL INDEX, b STRING NULL, c STRING NULL, d STRING NULL );',
  );
});
afterAll(() => vault.close());

const update = (id: string, json: object, query = ''): Promise<Answer> =>
  vault.send('PATCH', `/data/collections/users/objects/${id}${query}`, { json });
const remove = (id: string): Promise<Answer> => vault.send('DELETE', `/data/collections/users/objects/${id}`);
const outcome = (answer: Answer): string => (answer.status === 200 ? '200' : refused(answer));

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: vault.database.url });
  await client.connect();
  return client;
}

/** Does `others` in a transaction past the vault that holds the object, and ends it when `request` waits for the object. */
async function whileHeld(id: string, others: string, request: () => Promise<Answer>): Promise<Answer> {
  const holder = await connected();
  try {
    await holder.query('begin');
    await holder.query('select from object where id = $1 for update', [id]);
    const answer = request();
    await until('the request waits', async () => (await lockWaiters(vault)).length > 0);
    if (others !== '') await holder.query(others, [id]);
    await holder.query('commit');
    return await answer;
  } finally {
    await holder.end();
  }
}

describe('an update is 409 PV3218 exactly when somebody else changed the object between its read and its write', () => {
  test('changed in between: refused, and nothing of it is stored', async () => {
    const id = await addObject(vault, { a: 'before' });
    const bump = 'update object set revision = revision + 1 where id = $1';
    expect(outcome(await whileHeld(id, bump, () => update(id, { a: 'after', name: 'after' })))).toBe(
      '409 PV3218',
    );
    const [left] = (await sql(
      vault,
      `select (select count(*)::int from blind_index where object_id = $1) as blind,
              (select count(*)::int from substring_index where object_id = $1) as substring`,
      [id],
    )) as [object];
    expect(left).toEqual({ blind: 1, substring: 0 });
  });

  test('deleted in between: refused', async () => {
    const id = await addObject(vault, { a: 'before' });
    const gone = 'delete from object where id = $1';
    expect(outcome(await whileHeld(id, gone, () => update(id, { a: 'after' })))).toBe('409 PV3218');
  });

  test('held in between and left alone: done', async () => {
    const id = await addObject(vault, { a: 'before' });
    expect(outcome(await whileHeld(id, '', () => update(id, { a: 'after' })))).toBe('200');
    expect(await fieldsOf(vault, id)).toEqual({ a: 'after' });
  });

  test('objects that are updated side by side do not disturb each other', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => addObject(vault, {})));
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(ids.map((id) => update(id, { a: `${round}`, name: 'side by side' })));
      expect(answers.map(outcome)).toEqual(ids.map(() => '200'));
    }
  });
});

test('of several updates at once none is lost: each is there whole or was refused', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const id = await addObject(vault, { a: 'old', b: 'old', c: 'old', d: 'old' });
    const names = ['a', 'b', 'c', 'd'];
    const answers = await Promise.all(names.map((name) => update(id, { [name]: 'new' })));
    const outcomes = answers.map(outcome);
    outcomes.forEach((each) => seen.add(each));
    expect(outcomes).toContain('200');
    expect(await fieldsOf(vault, id)).toEqual(
      Object.fromEntries(names.map((name, i) => [name, outcomes[i] === '200' ? 'new' : 'old'])),
    );
  }
  expect([...seen].sort()).toEqual(['200', '409 PV3218']);
});

test('an update and a deletion at once: the object is gone and nothing of it is left', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const id = await addObject(vault, { a: 'old', name: 'old name', ssn: '123-45-6789' });
    const [updated, removed] = await Promise.all([update(id, { a: 'new', name: 'new name' }), remove(id)]);
    seen.add(outcome(updated));
    expect(outcome(removed)).toBe('200');
    const left = `select (select count(*) from object where id = $1) + (select count(*) from blind_index where object_id = $1)
      + (select count(*) from substring_index where object_id = $1)
      + (select count(*) from keystore.object_key where record_id = $1) as n`;
    expect(await sql(vault, left, [id])).toEqual([{ n: '0' }]);
  }
  for (const each of seen) expect(['200', '404 PV3005', '409 PV3218']).toContain(each);
});

test('an update and an archiving at once: both or one of them, never half', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const id = await addObject(vault, { a: 'old' });
    const [changed, archived] = await Promise.all([
      update(id, { a: 'new' }),
      update(id, { b: 'archived' }, '?expiration_secs=0'),
    ]);
    seen.add(outcome(changed));
    seen.add(outcome(archived));
    const query = outcome(archived) === '200' ? '?options=unsafe,archived' : '?options=unsafe';
    expect(await fieldsOf(vault, id, query)).toEqual({
      a: outcome(changed) === '200' ? 'new' : 'old',
      ...(outcome(archived) === '200' && { b: 'archived' }),
    });
  }
  for (const each of seen) expect(['200', '404 PV3005', '409 PV3218']).toContain(each);
});

test('two deletions at once: one is done, the other finds nothing', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const id = await addObject(vault, { a: 'x' });
    expect((await Promise.all([remove(id), remove(id)])).map(outcome).sort()).toEqual(['200', '404 PV3005']);
  }
});

test('an object restored while its unique value is being taken: one of them has it', async () => {
  const rounds = Array.from({ length: ROUNDS }, (_, round) => `123-45-${1000 + round}`);
  const ids = await Promise.all(rounds.map((ssn) => addObject(vault, { ssn })));
  // Expired by themselves: the value is let go of only when somebody wants it.
  await Promise.all(ids.map((id) => update(id, {}, '?expiration_secs=1')));
  for (const [round, id] of ids.entries()) {
    await until('it has expired', async () => outcome(await update(id, {})) === '404 PV3005');
    const [restored, taken] = await Promise.all([
      update(id, {}, '?options=archived&expiration_secs='),
      vault.send('POST', '/data/collections/users/objects', { json: { ssn: rounds[round] } }),
    ]);
    expect([outcome(restored), outcome(taken)].sort()).toEqual(['200', '409 PV9001']);
  }
});

describe('a collection that is deleted while it is being added to', () => {
  const ORPHANS = `select (select count(*) from object t where not exists (select from collection c where c.id = t.collection_id))
    + (select count(*) from token t where not exists (select from collection c where c.id = t.collection_id))
    + (select count(*) from blind_index t where not exists (select from collection c where c.id = t.collection_id))
    + (select count(*) from substring_index t where not exists (select from collection c where c.id = t.collection_id))
    + (select count(*) from keystore.object_key t where not exists (select from collection c where c.id = t.collection_id)) as n`;

  const ENDS = ['200', '404 PV1004', '404 PV3005', '409 PV3218'];

  test('leaves no row behind that nobody could open', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      await addCollection(vault, 'brief PERSONS ( a STRING NULL INDEX, b STRING NULL SUBSTRING_INDEX );');
      const json = { a: 'x', b: 'some text' };
      const first = await addObject(vault, json, { collection: 'brief' });
      const path = '/data/collections/brief';
      const answers = await Promise.all([
        ...Array.from({ length: 5 }, () => vault.send('POST', `${path}/objects`, { json })),
        vault.send('POST', `${path}/tokens`, { json: [{ type: 'randomized', object: { fields: json } }] }),
        vault.send('POST', `${path}/tokens`, { json: [{ type: 'randomized', object: { id: first } }] }),
        vault.send('PATCH', `${path}/objects/${first}`, { json: { b: 'another text' } }),
        vault.send('DELETE', '/ctl/collections/brief'),
        vault.send('POST', `${path}/objects`, { json }),
      ]);
      answers.forEach((answer) => seen.add(outcome(answer)));
      expect(outcome(answers[8]!)).toBe('200');
      expect(outcome(await vault.send('POST', `${path}/objects`, { json }))).toBe('404 PV1004');
      expect(await sql(vault, ORPHANS)).toEqual([{ n: '0' }]);
    }
    for (const each of seen) expect(ENDS).toContain(each);
  });

  test('refuses what comes when it is already going: PV1004', async () => {
    await addCollection(vault, 'going PERSONS ( a STRING NULL );');
    await addObject(vault, {}, { collection: 'going' });
    const holder = await connected();
    await holder.query('begin');
    await holder.query(
      `delete from object where collection_id = (select id from collection where name = 'going')`,
    );
    await holder.query(`delete from collection where name = 'going'`);
    const adding = vault.send('POST', '/data/collections/going/objects', { json: { a: 'x' } });
    const tokenizing = vault.send('POST', '/data/collections/going/tokens', {
      json: [{ type: 'randomized', object: { fields: { a: 'x' } } }],
    });
    await until('both wait', async () => (await lockWaiters(vault)).length > 1);
    await holder.query('commit');
    await holder.end();
    expect([outcome(await adding), outcome(await tokenizing)]).toEqual(['404 PV1004', '404 PV1004']);
    // What the transaction past the vault left is none of ours.
    await sql(
      vault,
      'delete from keystore.object_key k where not exists (select from collection c where c.id = k.collection_id)',
    );
  });

  test.each([
    [
      'with the collection: 404 PV1004, no damage',
      '404 PV1004',
      `delete from collection where name = 'opened'`,
    ],
    ['and the collection is still there: 410 PV9010', '410 PV9010', 'select 1'],
  ])('what was read cannot be opened, its keys being gone %s', async (_, expected, more) => {
    await addCollection(vault, 'opened PERSONS ( a STRING NULL );');
    const id = await addObject(vault, { a: 'x' }, { collection: 'opened' });
    // Keys that are in memory would still open it.
    await vault.send('POST', '/system/admin/keys/rotate');
    const alarms = (): number => vault.logged().split('PV9010').length;
    const before = alarms();
    const [holder, gate] = await Promise.all([connected(), connected()]);
    await holder.query('begin; lock table access_log in access exclusive mode');
    await gate.query('begin; lock table object in access exclusive mode');
    const reading = vault.send('GET', `/data/collections/opened/objects/${id}?props=a`);
    // That something waits for the log would not do: so do those who project it, long before the object is read.
    let read: LockWaiter | undefined;
    await until('the reading of the object waits', async () => {
      read = (await lockWaiters(vault)).find(({ table }) => table === 'object');
      return read !== undefined;
    });
    await gate.query('commit');
    await until('the object was read and the record waits', () => isOver(vault, read!));
    await gate.end();
    const where = `where collection_id = (select id from collection where name = 'opened')`;
    await holder.query(`delete from object ${where}`);
    await holder.query(`delete from keystore.object_key ${where}`);
    await holder.query(`delete from keystore.keyset_version ${where}`);
    await holder.query(more);
    await holder.query('commit');
    await holder.end();
    expect(outcome(await reading)).toBe(expected);
    expect(alarms() > before).toBe(expected.startsWith('410'));
    await vault.send('DELETE', '/ctl/collections/opened');
  });

  test('two deletions at once: one is done, the other finds nothing', async () => {
    await addCollection(vault, 'twice PERSONS ( a STRING NULL );');
    const removing = (): Promise<Answer> => vault.send('DELETE', '/ctl/collections/twice');
    expect((await Promise.all([removing(), removing()])).map(outcome).sort()).toEqual(['200', '404 PV1004']);
  });
});
