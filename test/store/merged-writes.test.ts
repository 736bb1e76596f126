import type { TestDatabase } from '../support/test-postgres.js';
import { cloneDatabase } from '../support/test-postgres.js';
import { randomBytes, randomUUID } from 'node:crypto';
import { VaultError } from '../../src/errors.js';
import { insertSubject } from '../../src/store/change-idp-subjects.js';
import { Database, type Statement } from '../../src/store/database.js';
import { UniqueViolation } from '../../src/store/database-errors.js';
import { type NewObject, insertObject } from '../../src/store/objects/insert-object.js';
import { findObjects } from '../../src/store/objects/find-objects.js';

let clone: TestDatabase;
let database: Database;

beforeAll(async () => {
  clone = await cloneDatabase();
  database = new Database({
    url: clone.url,
    poolSize: 4,
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 2_000,
    onConnectionError: () => undefined,
  });
  await database.run({
    name: 'test-collection',
    text: `insert into collection (id, name, type, created_at, modified_at) values (7, 'seven', 'DATA', now(), now())`,
    values: [],
  });
  await database.run({
    name: 'test-properties',
    text: `insert into property (id, collection_id, name, data_type_name, description, is_encrypted, is_index, index_built, is_substring_index, is_nullable, is_unique, created_at, modified_at)
      select id, 7, 'p' || id, 'STRING', '', true, false, true, true, true, false, now(), now() from unnest('{70,71}'::int[]) as p (id)`,
    values: [],
  });
});
afterAll(async () => {
  await database.close();
  await clone.drop();
});

function objectOf(change: Partial<NewObject> = {}): NewObject {
  const now = new Date('2026-03-01T10:00:00.123Z');
  return {
    collection: 7,
    id: randomUUID(),
    tenant: '',
    sealed: Buffer.of(1, 0, 0),
    expiresAt: null,
    owner: null,
    createdAt: now,
    modifiedAt: now,
    key: { keyId: randomUUID(), keysetId: randomUUID(), keysetVersion: 1, wrapped: Buffer.of(9) },
    indexes: [],
    substrings: [],
    lookupVersion: 1,
    ...change,
  };
}

const add = (object: NewObject): Promise<unknown> => database.commit([insertObject(object)]);

async function stored(objects: readonly NewObject[]) {
  const ids = objects.map(({ id }) => id);
  const found = await findObjects(database, 7, ids, 'active');
  return ids.map((id) => found.find((row) => row.id === id) ?? null);
}

test('objects written together are stored as each would have been alone', async () => {
  const owning = objectOf();
  await add(owning);
  const owner = { collection: 7, id: owning.id };
  const expiresAt = new Date('2126-01-01T00:00:00.001Z');
  const objects = [
    objectOf({ tenant: 'acme', sealed: Buffer.of(1, 2, 3, 0x5c, 0x22, 0x7d) }),
    objectOf({ expiresAt }),
    objectOf({ owner, tenant: 'a,"b"\\{}' }),
    objectOf({
      substrings: [
        { property: 70, filter: Buffer.alloc(144, 5) },
        { property: 71, filter: null },
      ],
    }),
  ];
  await Promise.all(objects.map(add));
  const together = await stored(objects);

  const copies = objects.map((object) => ({ ...object, id: randomUUID() }));
  for (const copy of copies) await add(copy);
  const alone = await stored(copies);

  const filtersOf = (rows: typeof objects) =>
    database.run({
      name: 'test-filters',
      text: 'select property_id, lookup_version, filter from substring_index where object_id = any($1) order by property_id',
      values: [rows.map(({ id }) => id)],
    });
  expect(await filtersOf(objects)).toHaveLength(2);
  expect(await filtersOf(objects)).toEqual(await filtersOf(copies));

  const comparable = (rows: typeof together) => rows.map((row) => ({ ...row, id: null, seq: null }));
  expect(comparable(together)).toEqual(comparable(alone));
  expect(together.map((row) => row?.tenant)).toEqual(['acme', '', 'a,"b"\\{}', '']);
});

test('one taken value or id fails its own write and no other', async () => {
  const unique = (value: number) => [{ property: 70, value: Buffer.alloc(16, value), unique: true }];
  const taken = objectOf({ indexes: unique(1) });
  await add(taken);

  const objects = [
    objectOf(),
    objectOf({ indexes: unique(1) }),
    objectOf({ indexes: unique(2) }),
    objectOf({ id: taken.id }),
    objectOf({ indexes: unique(2) }),
  ];
  const results = await Promise.allSettled(objects.map(add));
  const violated = results.map((result) =>
    result.status === 'rejected' ? (result.reason as UniqueViolation).constraint : null,
  );
  expect(violated[0]).toBeNull();
  expect(violated[1]).toBe('blind_index_unique_value');
  expect([violated[2], violated[4]].sort()).toEqual(['blind_index_unique_value', null]);
  expect(violated[3]).toBe('object_pkey');
  expect((await stored(objects)).map((row) => row?.revision ?? null)[0]).toBe(1);
});

test('transactions of the same statements become one, and only those fail that are to blame', async () => {
  const linked = (object: NewObject): Statement[] => {
    const subject = {
      ...{ hash: randomBytes(32), lookupVersion: 1, issuerHash: randomBytes(32) },
      ...{ collection: 7, objectId: object.id, provenance: {}, now: new Date(), erasure: null },
    };
    return [insertSubject(subject), insertObject(object)];
  };
  const taken = objectOf();
  await add(taken);
  const texts: string[] = [];
  database.traceTo((text) => texts.push(text));
  const three = [objectOf(), objectOf({ tenant: 'acme' }), objectOf()];
  await Promise.all(three.map((object) => database.commit(linked(object))));
  const together = texts.splice(0);
  expect((await stored(three)).map((row) => row?.tenant)).toEqual(['', 'acme', '']);
  expect(together.filter((text) => text.startsWith('with object'))).toHaveLength(1);
  expect(together.filter((text) => text.startsWith('insert into idp_subject'))).toHaveLength(1);

  const some = [objectOf(), taken, objectOf()];
  const [first, twice, last] = some.map(linked);
  // Of this one the second statement returns no row, although it must.
  const empty = [first![0]!, { ...first![1]!, mustReturn: 1 }];
  const results = await Promise.allSettled([empty, twice!, last!].map((each) => database.commit(each)));
  expect(results.map((each) => (each.status === 'rejected' ? (each.reason as Error) : null))).toEqual([
    new VaultError('PV3218'),
    new UniqueViolation('object_pkey', 7),
    null,
  ]);
  expect((await stored(some)).map((row) => row === null)).toEqual([true, false, false]);
  const links = await database.run({
    name: 'links',
    text: 'select object_id as id from idp_subject where object_id = any($1)',
    values: [[...three, ...some].map(({ id }) => id)],
  });
  expect(links.map(({ id }) => id as string).sort()).toEqual([...three, some[2]!].map(({ id }) => id).sort());
  database.traceTo(null);
});

test('a statement that is not mergeable, or one of very many items, runs by itself', async () => {
  const plain: Statement = { name: 'plain', text: 'select 1 as one', values: [] };
  const huge: Statement = {
    name: 'huge',
    text: 'select 2 as two',
    values: [],
    mergeable: {
      items: new Array(100).fill(0),
      merge: () => {
        throw new Error('merged');
      },
    },
  };
  expect(await Promise.all([plain, huge, huge].map((each) => database.commit([each])))).toEqual([
    [[{ one: 1 }]],
    [[{ two: 2 }]],
    [[{ two: 2 }]],
  ]);
});
