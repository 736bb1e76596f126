import type { Entry } from '../../src/access-log/entry.js';
import { decodePacked, encodePacked } from '../../src/crypto/index.js';
import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type Answer, type TestVault, startVault } from '../support/vault.js';

/**
 * Everything that somebody who writes to the database can do to sealed data short of putting a whole, matching state back: each attack is
 * played by SQL on the rows of one subject and must be refused with one opaque error, while the neighbour still reads.
 */

const SSN = '078-05-1120';
const VALUES: Record<string, Record<string, string>> = {
  victim: { ssn: SSN, name: 'Canary Victim', phone: '+12025550143' },
  neighbour: { ssn: '219-09-9999', name: 'Canary Neighbour', phone: '+12025550144' },
};
const SECRETS = Object.values(VALUES).flatMap((values) => Object.values(values));
/** What the vault says, of whatever was done. */
const OPAQUE = {
  error_code: 'PV9010',
  message: 'The stored data does not pass its integrity check.',
  context: {},
};

let vault: TestVault;
let sql: Superuser;
/** Ids of properties and collections as they are in associated data. */
let ids: Record<string, number>;

beforeAll(async () => {
  vault = await startVault();
  sql = await openSuperuser(vault.database.url);
  for (const collection of ['people', 'clients']) {
    const made = await vault.send('POST', '/ctl/collections', {
      raw: `${collection} PERSONS ( ssn SSN, name NAME NULL, phone PHONE_NUMBER INDEX NULL )`,
      type: 'application/pvschema',
    });
    expect(made.status).toBe(200);
  }
  const rows = await sql.query<{ name: string; id: number }>(
    `select c.name || '/' || p.name as name, p.id from property p join collection c on c.id = p.collection_id
     union all select name, id from collection`,
  );
  ids = Object.fromEntries(rows.map(({ name, id }) => [name, id]));
});
afterAll(async () => {
  await sql.close();
  await vault.close();
});

async function add(
  who: keyof typeof VALUES,
  { collection = 'people', tenant = 'a', secs = '' } = {},
): Promise<string> {
  const query = secs === '' ? '' : `?expiration_secs=${secs}`;
  const answer = await vault.send('POST', `/data/collections/${collection}/objects${query}`, {
    json: VALUES[who]!,
    headers: { 'x-tenant-id': tenant },
  });
  expect(answer.status).toBe(200);
  return answer.body.id as string;
}

async function update(id: string, fields: object, query = ''): Promise<void> {
  const answer = await vault.send('PATCH', `/data/collections/people/objects/${id}${query}`, {
    json: fields,
  });
  expect(answer.status).toBe(200);
}

async function read(id: string, collection = 'people', options = ''): Promise<Answer> {
  return vault.send('GET', `/data/collections/${collection}/objects/${id}?options=unsafe${options}`);
}

async function token(id: string, request: object = {}, query = ''): Promise<string> {
  const answer = await vault.send('POST', `/data/collections/people/tokens${query}`, {
    json: [{ type: 'randomized', object: { id }, props: ['ssn', 'name'], ...request }],
  });
  expect(answer.status).toBe(200);
  return answer.body[0].token_id as string;
}

async function detokenize(tokenId: string): Promise<Answer> {
  return vault.send('GET', `/data/collections/people/tokens?token_ids=${tokenId}`);
}

async function entriesOf(answer: Answer): Promise<(Entry & { index: number })[]> {
  const rows = await sql.query<{ index: string; bytes: Buffer }>(
    'select index, bytes from access_log order by index',
  );
  const requestId = answer.headers.get('x-request-id');
  return rows
    .map(({ index, bytes }) => ({ ...(JSON.parse(bytes.toString('utf8')) as Entry), index: Number(index) }))
    .filter((entry) => entry.request_id === requestId);
}

/** The answer to whatever was tampered with: the one error and nothing besides, recorded as failed. */
async function expectRefused(answer: Answer): Promise<void> {
  for (const secret of SECRETS) expect(answer.text).not.toContain(secret);
  expect([answer.status, answer.body]).toEqual([410, OPAQUE]);
  const entries = await entriesOf(answer);
  const failed = entries.at(-1)!;
  expect([failed.outcome, failed.error_code]).toEqual(['failed', 'PV9010']);
  // Where the permission was recorded before anything was opened, the failure points at it.
  expect(failed.refers).toBe(entries.length > 1 ? entries[0]!.index : undefined);
}

/** Changes the packed column of an object as `edit` says, and nothing else. */
async function repack(
  id: string,
  edit: (fields: ReturnType<typeof decodePacked>) => ReturnType<typeof decodePacked>,
): Promise<void> {
  const [row] = await sql.query<{ sealed: Buffer }>('select sealed from object where id = $1', [id]);
  const sealed = encodePacked(edit(decodePacked(row!.sealed)));
  await sql.query('update object set sealed = $2 where id = $1', [id, sealed]);
}

async function packedOf(id: string): Promise<ReturnType<typeof decodePacked>> {
  const [row] = await sql.query<{ sealed: Buffer }>('select sealed from object where id = $1', [id]);
  return decodePacked(Buffer.from(row!.sealed));
}

/** Keeps rows of an object as they are now, to put some of them back later. */
async function rememberRows(
  id: string,
): Promise<{ restoreObject(): Promise<void>; restoreKey(): Promise<void> }> {
  const [object] = await sql.query('select * from object where id = $1', [id]);
  const [key] = await sql.query('select * from keystore.object_key where record_id = $1', [id]);
  return {
    restoreObject: () => restore('object', 'id', id, object!),
    restoreKey: () => restore('keystore.object_key', 'record_id', id, key!),
  };
}

async function restore(
  table: string,
  column: string,
  id: string,
  row: Record<string, unknown>,
): Promise<void> {
  const names = Object.keys(row);
  const set = names.map((name, i) => `"${name}" = $${i + 2}`).join(', ');
  await sql.query(`update ${table} set ${set} where ${column} = $1`, [id, ...Object.values(row)]);
}

/** Exchanges columns of the rows of two objects. */
function swap(table: string, key: string, columns: readonly string[]) {
  return async (victim: string, neighbour: string): Promise<void> => {
    const both = await sql.query(`select * from ${table} where ${key} in ($1, $2) order by ${key} = $1`, [
      victim,
      neighbour,
    ]);
    const set = columns.map((column, i) => `"${column}" = $${i + 2}`).join(', ');
    const [ofNeighbour, ofVictim] = both as [Record<string, unknown>, Record<string, unknown>];
    await sql.query(`update ${table} set ${set} where ${key} = $1`, [
      victim,
      ...columns.map((column) => ofNeighbour[column]),
    ]);
    await sql.query(`update ${table} set ${set} where ${key} = $1`, [
      neighbour,
      ...columns.map((column) => ofVictim[column]),
    ]);
  };
}

const set =
  (column: string, expression: string, table = 'object', key = 'id') =>
  async (victim: string): Promise<void> => {
    await sql.query(`update ${table} set "${column}" = ${expression} where ${key} = $1`, [victim]);
  };

type Attack = readonly [name: string, play: (victim: string, neighbour: string) => Promise<void>];

const KEY_COLUMNS = ['key_id', 'keyset_id', 'keyset_version', 'wrapped'];

/** On one object; the neighbour's rows stay as they are unless both are named. */
const ATTACKS: readonly Attack[] = [
  [
    'a cell moved to another property of the same object',
    (victim) =>
      repack(victim, (fields) => [
        { ...fields[0]!, sealed: fields[1]!.sealed },
        { ...fields[1]!, sealed: fields[0]!.sealed },
        ...fields.slice(2),
      ]),
  ],
  [
    "a cell replaced by another object's cell of the same property",
    async (victim, neighbour) => {
      const [theirs] = await packedOf(neighbour);
      await repack(victim, ([first, ...rest]) => [{ ...first!, sealed: theirs!.sealed }, ...rest]);
    },
  ],
  [
    "the whole sealed column replaced by another object's",
    (victim, neighbour) =>
      sql
        .query('update object set sealed = (select sealed from object where id = $2) where id = $1', [
          victim,
          neighbour,
        ])
        .then(() => undefined),
  ],
  ['an older cell put back under the revision of now', (victim) => oldCell(victim, (now) => now)],
  ['an older cell put back with its own revision', (victim) => oldCell(victim, (_now, then) => then)],
  ['a field removed from the packed column', (victim) => repack(victim, (fields) => fields.slice(1))],
  ['all fields removed', (victim) => repack(victim, () => [])],
  [
    'a field added that was never there',
    (victim) => repack(victim, (fields) => [...fields, { ...fields[0]!, property: 99_999 }]),
  ],
  [
    "the number of a field's revision edited",
    (victim) => repack(victim, ([first, ...rest]) => [{ ...first!, revision: 9 }, ...rest]),
  ],
  [
    'a field filed under another property',
    (victim) => repack(victim, (fields) => [...fields.slice(0, -1), { ...fields.at(-1)!, property: 99_999 }]),
  ],
  [
    'an empty cell',
    (victim) => repack(victim, ([first, ...rest]) => [{ ...first!, sealed: Buffer.alloc(0) }, ...rest]),
  ],
  ['the packed column emptied', set('sealed', `''`)],
  ['the packed column cut', set('sealed', 'substr(sealed, 1, length(sealed) - 1)')],
  ['a byte behind the packed column', set('sealed', `sealed || '\\x00'`)],
  ['the packed column of a future format', set('sealed', `'\\x02' || substr(sealed, 2)`)],

  ['the key rows of two objects exchanged', swap('keystore.object_key', 'record_id', KEY_COLUMNS)],
  [
    "the key row replaced by another object's",
    (victim, neighbour) =>
      sql
        .query(
          `update keystore.object_key v set key_id = n.key_id, keyset_id = n.keyset_id, keyset_version = n.keyset_version, wrapped = n.wrapped
             from keystore.object_key n where v.record_id = $1 and n.record_id = $2`,
          [victim, neighbour],
        )
        .then(() => undefined),
  ],
  [
    'the key row removed',
    (victim) =>
      sql.query('delete from keystore.object_key where record_id = $1', [victim]).then(() => undefined),
  ],
  ['another key id', set('key_id', 'gen_random_uuid()', 'keystore.object_key', 'record_id')],
  ['another keyset', set('keyset_id', 'gen_random_uuid()', 'keystore.object_key', 'record_id')],
  ['another keyset version', set('keyset_version', '2', 'keystore.object_key', 'record_id')],
  ['a keyset version that cannot be', set('keyset_version', '-1', 'keystore.object_key', 'record_id')],
  ['the wrapped key emptied', set('wrapped', `''`, 'keystore.object_key', 'record_id')],
  ['the wrapped key cut', set('wrapped', 'substr(wrapped, 1, 105)', 'keystore.object_key', 'record_id')],
  ['a byte behind the wrapped key', set('wrapped', `wrapped || '\\x00'`, 'keystore.object_key', 'record_id')],

  ['moved to another tenant', set('tenant', `'b'`)],
  ['moved to no tenant', set('tenant', `''`)],
  ['given an owner', (victim, neighbour) => owner(victim, `'${neighbour}'`)],
  ['the number of its revision raised', set('revision', 'revision + 1')],
  ['a revision that cannot be', set('revision', '-1')],
  ['an expiry set', set('expires_at', `now() + interval '1 day'`)],
  ['an expiry at the end of time', set('expires_at', `'infinity'`)],
  [
    'the older row put back',
    async (victim) => {
      const older = await rememberRows(victim);
      await update(victim, { name: 'Canary Changed' });
      await older.restoreObject();
    },
  ],
  [
    'the older key row put back',
    async (victim) => {
      const older = await rememberRows(victim);
      await update(victim, { name: 'Canary Changed' });
      await older.restoreKey();
    },
  ],
  [
    'the older row put back after a change of nothing but its expiry',
    async (victim) => {
      const older = await rememberRows(victim);
      await update(victim, { name: 'Canary Victim' }, '?expiration_secs=1000');
      await older.restoreObject();
    },
  ],
];

/** The first cell of an object from before an update, put back; `revisionOf` says under which number. */
async function oldCell(victim: string, revisionOf: (now: number, then: number) => number): Promise<void> {
  const before = (await packedOf(victim))[0]!;
  await update(victim, { ssn: '219-09-8888' });
  await repack(victim, ([now, ...rest]) => [
    { ...before, revision: revisionOf(now!.revision, before.revision) },
    ...rest,
  ]);
}

async function owner(victim: string, id: string): Promise<void> {
  await sql.query(`update object set owner_collection_id = collection_id, owner_id = ${id} where id = $1`, [
    victim,
  ]);
}

test.each(ATTACKS)('an object is refused: %s', async (_name, play) => {
  const [victim, neighbour] = [await add('victim'), await add('neighbour')];
  const bystander = await add('neighbour');
  await play(victim, neighbour);

  await expectRefused(await read(victim));
  const untouched = await read(bystander);
  expect([untouched.status, untouched.body.ssn]).toEqual([200, VALUES.neighbour!.ssn]);
});

test.each(ATTACKS.slice(0, 12))(
  'a pointer to the object, a page and a search with it are refused, also after a change: %s',
  async (_name, play) => {
    const [victim, neighbour] = [await add('victim', { tenant: 'page' }), await add('neighbour')];
    const pointer = await token(victim, { type: 'pointer' });
    await play(victim, neighbour);

    const page = { headers: { 'x-tenant-id': 'page' } };
    await expectRefused(await detokenize(pointer));
    await expectRefused(await vault.send('GET', '/data/collections/people/objects?options=unsafe', page));
    await expectRefused(
      await vault.send('POST', '/data/collections/people/query/objects?options=unsafe', {
        ...page,
        json: { match: { name: VALUES.victim!.name } },
      }),
    );
    // A change need not open the other fields, but it must not heal what was done to them.
    await vault.send('PATCH', `/data/collections/people/objects/${victim}`, { json: { phone: null } });
    await expectRefused(await read(victim));
    await sql.query(`delete from object where tenant = 'page'`);
  },
);

test('an object moved to another collection is refused there, with its key row moved along or not', async () => {
  const victim = await add('victim');
  await sql.query('update object set collection_id = $2 where id = $1', [victim, ids.clients]);
  await expectRefused(await read(victim, 'clients'));
  await sql.query('update keystore.object_key set collection_id = $2 where record_id = $1', [
    victim,
    ids.clients,
  ]);
  await expectRefused(await read(victim, 'clients'));
});

test('rows of one id in two collections cannot stand in for each other', async () => {
  const victim = await add('victim');
  const twin = await vault.send('POST', '/data/collections/clients/objects', {
    json: { ...VALUES.neighbour, id: victim },
    headers: { 'x-tenant-id': 'a' },
  });
  expect(twin.status).toBe(200);
  await sql.query(
    `update object c set sealed = p.sealed from object p where c.collection_id = $2 and p.collection_id = $3 and c.id = $1 and p.id = $1`,
    [victim, ids.clients, ids.people],
  );
  await expectRefused(await read(victim, 'clients'));
  expect((await read(victim)).body.ssn).toBe(SSN);
});

test.each([
  ['shortened', `now() + interval '1 minute'`],
  ['lengthened', `expires_at + interval '1 day'`],
  ['moved by a millisecond', `expires_at + interval '1 millisecond'`],
  ['removed', 'null'],
])('an expiry that was %s is refused', async (_name, expression) => {
  const victim = await add('victim', { secs: '3600' });
  expect((await read(victim)).status).toBe(200);
  await set('expires_at', expression)(victim);
  await expectRefused(await read(victim));
});

test.each([
  ['moved to yesterday', `now() - interval '1 day'`],
  ['moved to the beginning of 1970, which stands for never where it is sealed', `to_timestamp(0)`],
  ['moved before 1970', `'1960-01-01'`],
  ['moved before Christ', `'0044-03-15 BC'`],
  ['moved to the beginning of time', `'-infinity'`],
])(
  'an expiry %s hides the object, as deleting it would, and the archive refuses it',
  async (_name, expression) => {
    const victim = await add('victim');
    await set('expires_at', expression)(victim);
    expect((await read(victim)).status).toBe(404);
    await expectRefused(await read(victim, 'people', ',archived'));
  },
);

test('an archived object brought back by its expiry is refused', async () => {
  const victim = await add('victim');
  await update(victim, {}, '?expiration_secs=0').catch(() => undefined);
  await update(victim, { name: 'Canary Victim' }, '?expiration_secs=0').catch(() => undefined);
  expect((await read(victim)).status).toBe(404);
  await set('expires_at', 'null')(victim);
  await expectRefused(await read(victim));
});

describe('a blind index', () => {
  const search = (phone: string): Promise<Answer> =>
    vault.send('POST', '/data/collections/people/query/objects?options=unsafe', {
      json: { match: { phone } },
      headers: { 'x-tenant-id': 'search' },
    });

  test('moved to another object does not make that object a match', async () => {
    const victim = await add('victim', { tenant: 'search' });
    const neighbour = await add('neighbour', { tenant: 'search' });
    expect((await search(VALUES.victim!.phone!)).body.results).toHaveLength(1);
    await sql.query('update blind_index set object_id = $2 where object_id = $1', [victim, neighbour]);

    const found = await search(VALUES.victim!.phone!);
    expect([found.status, found.body.results]).toEqual([200, []]);
    expect((await search(VALUES.neighbour!.phone!)).body.results).toEqual([
      expect.objectContaining({ ssn: VALUES.neighbour!.ssn }),
    ]);
  });
});

describe('a token', () => {
  const setToken =
    (column: string, expression: string) =>
    async (tokenRow: string): Promise<void> => {
      await sql.query(`update token set "${column}" = ${expression} where id = $1`, [tokenRow]);
    };
  const OTHER = '(select * from token where id = $2)';

  /** On the rows of two tokens of two objects. */
  const TOKEN_ATTACKS: readonly Attack[] = [
    ['repointed to another object', (row, other) => copyToken(row, other, ['object_id'])],
    ['cut loose from its object', setToken('object_id', 'null')],
    ['given the sealed part of another', (row, other) => copyToken(row, other, ['meta'])],
    ['given the snapshot of another', (row, other) => copyToken(row, other, ['sealed'])],
    ['given sealed part and snapshot of another', (row, other) => copyToken(row, other, ['meta', 'sealed'])],
    [
      'given everything of another but its hash',
      (row, other) => copyToken(row, other, ['meta', 'sealed', 'object_id', 'tenant', 'tags', 'revision']),
    ],
    ['of another type', setToken('type', `'pointer'`)],
    ['of another scope', setToken('scope', `'billing'`)],
    ['of another tenant', setToken('tenant', `'b'`)],
    ['of another revision', setToken('revision', '2')],
    ['of a revision that cannot be', setToken('revision', '-1')],
    ['with an expiry', setToken('expires_at', `now() + interval '1 day'`)],
    ['with an expiry at the end of time', setToken('expires_at', `'infinity'`)],
    ['with another tag', setToken('tags', `array['\\x00112233445566778899aabbccddeeff'::bytea]`)],
    ['without its tag', setToken('tags', `'{}'`)],
    ['without any list of tags', setToken('tags', 'null')],
    ['with its tag twice', setToken('tags', 'tags || tags')],
    ['of a lookup key that is not there', setToken('lookup_version', '7')],
    ['without its snapshot', setToken('sealed', 'null')],
    ['with an emptied snapshot', setToken('sealed', `'\\x010000'`)],
    ['with a broken snapshot', setToken('sealed', `'\\x01'`)],
    ['with an emptied sealed part', setToken('meta', `''`)],
    ['with a cut sealed part', setToken('meta', 'substr(meta, 1, length(meta) - 1)')],
    ['with another row id', setToken('id', 'gen_random_uuid()')],
    [
      'whose object lost its key',
      async (row) => {
        await sql.query(
          'delete from keystore.object_key where record_id = (select object_id from token where id = $1)',
          [row],
        );
      },
    ],
  ];

  async function copyToken(row: string, other: string, columns: readonly string[]): Promise<void> {
    const set = columns.map((column) => `"${column}" = o."${column}"`).join(', ');
    await sql.query(`update token t set ${set} from ${OTHER} o where t.id = $1`, [row, other]);
  }

  async function rowOf(objectId: string): Promise<string> {
    const [row] = await sql.query<{ id: string }>('select id from token where object_id = $1', [objectId]);
    return row!.id;
  }

  test.each(TOKEN_ATTACKS)('is refused: %s', async (_name, play) => {
    const [victim, neighbour] = [await add('victim'), await add('neighbour')];
    const mine = await token(victim, { tags: ['vip'] });
    const theirs = await token(neighbour, { tags: ['none'] });
    expect((await detokenize(mine)).body[0].fields.ssn).toBe(SSN);
    await play(await rowOf(victim), await rowOf(neighbour));

    await expectRefused(await detokenize(mine));
    const untouched = await detokenize(theirs);
    expect([untouched.status, untouched.body[0].fields.ssn]).toEqual([200, VALUES.neighbour!.ssn]);
  });

  test('two rows with their hashes exchanged are both refused', async () => {
    const [victim, neighbour] = [await add('victim'), await add('neighbour')];
    const [mine, theirs] = [await token(victim), await token(neighbour)];
    const [row, other] = [await rowOf(victim), await rowOf(neighbour)];
    const hashes = await sql.query<{ id: string; hash: Buffer }>(
      'select id, hash from token where id in ($1, $2)',
      [row, other],
    );
    for (const { id, hash } of hashes) {
      await sql.query('update token set hash = $2 where id = $1', [id === row ? other : row, hash]);
    }
    await expectRefused(await detokenize(mine));
    await expectRefused(await detokenize(theirs));
  });

  test('found by a tag that was put on it by force is refused', async () => {
    const [victim, neighbour] = [await add('victim'), await add('neighbour')];
    await token(victim, { tags: ['mine-alone'] });
    await token(neighbour, { tags: ['theirs-alone'] });
    await sql.query('update token t set tags = o.tags from token o where t.id = $1 and o.id = $2', [
      await rowOf(neighbour),
      await rowOf(victim),
    ]);
    await expectRefused(await vault.send('GET', '/data/collections/people/tokens?tags=mine-alone'));
  });

  test('whose expiry was lengthened, shortened or removed is refused', async () => {
    for (const expression of [`expires_at + interval '1 day'`, `now() + interval '1 minute'`, 'null']) {
      const victim = await add('victim');
      const mine = await token(victim, {}, '?expiration_secs=3600');
      await setToken('expires_at', expression)(await rowOf(victim));
      await expectRefused(await detokenize(mine));
    }
  });

  test('that belongs to no object is bound to its own key row', async () => {
    const bare = async (values: Record<string, string>): Promise<string> => {
      const answer = await vault.send('POST', '/data/collections/people/tokens', {
        json: [{ type: 'randomized', object: { fields: values } }],
      });
      expect(answer.status).toBe(200);
      return answer.body[0].token_id as string;
    };
    const before = (await sql.query('select id from token')).map(({ id }) => id as string);
    const mine = await bare({ ssn: SSN });
    const theirs = await bare({ ssn: VALUES.neighbour!.ssn! });
    const rows = await sql.query<{ id: string }>(
      'select id from token where id <> all($1) order by created_at, id',
      [before],
    );
    expect((await detokenize(mine)).body[0].fields).toEqual({ ssn: SSN });
    await swap('keystore.object_key', 'record_id', KEY_COLUMNS)(rows[0]!.id, rows[1]!.id);
    await expectRefused(await detokenize(mine));
    await expectRefused(await detokenize(theirs));
    await sql.query('delete from keystore.object_key where record_id = $1', [rows[0]!.id]);
    await sql.query('delete from keystore.object_key where record_id = $1', [rows[1]!.id]);
    await expectRefused(await detokenize(mine));
  });
});

/** A flip of one bit and a cut, at every seventh byte and at all of the first and last sixteen. */
describe.each([
  ['the packed fields of an object', 'object', 'sealed', 'id'],
  ['the wrapped key of an object', 'keystore.object_key', 'wrapped', 'record_id'],
  ['the sealed part of a token', 'token', 'meta', 'object_id'],
  ['the snapshot of a token', 'token', 'sealed', 'object_id'],
])('%s', (_name, table, column, key) => {
  test('shows nothing with any bit flipped or any byte missing', async () => {
    const victim = await add('victim');
    const mine = await token(victim);
    const [{ bytes }] = (await sql.query<{ bytes: Buffer }>(
      `select "${column}" as bytes from ${table} where ${key} = $1`,
      [victim],
    )) as [{ bytes: Buffer }];
    const put = (value: Buffer): Promise<unknown> =>
      sql.query(`update ${table} set "${column}" = $2 where ${key} = $1`, [victim, value]);
    const look = (): Promise<Answer> => (table === 'token' ? detokenize(mine) : read(victim));

    const positions = [...bytes.keys()].filter((at) => at < 16 || at >= bytes.length - 16 || at % 7 === 0);
    for (const at of positions) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at & 7);
      for (const value of [flipped, bytes.subarray(0, at)]) {
        await put(value);
        const answer = await look();
        expect([at, answer.status, answer.body]).toEqual([at, 410, OPAQUE]);
      }
    }
    await put(bytes);
    expect((await look()).status).toBe(200);
  });
});

test('keysets of two tenants exchanged open nothing after a restart', async () => {
  const [victim, neighbour] = [
    await add('victim', { tenant: 'k1' }),
    await add('neighbour', { tenant: 'k2' }),
  ];
  const bystander = await add('neighbour', { tenant: 'k3' });
  await sql.query(
    `update keystore.keyset_version v set wrapped = o.wrapped from keystore.keyset_version o
      where v.tenant in ('k1', 'k2') and o.tenant in ('k1', 'k2') and v.tenant <> o.tenant`,
  );
  const again = await startVault({}, vault.database);
  try {
    const at = (id: string): Promise<Answer> =>
      again.send('GET', `/data/collections/people/objects/${id}?options=unsafe`);
    await expectRefused(await at(victim));
    await expectRefused(await at(neighbour));
    expect((await at(bystander)).status).toBe(200);
  } finally {
    await again.close();
  }
});

test('what was refused above left no value in the log of the operator', () => {
  const logged = vault.logged();
  for (const secret of SECRETS) expect(logged).not.toContain(secret);
  expect(logged).toContain('PV9010');
});
