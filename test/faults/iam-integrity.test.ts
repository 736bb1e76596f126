import { Key } from '../../src/crypto/key.js';
import { derivedEpochs } from '../../src/crypto/index.js';
import { tuple, u32 } from '../../src/crypto/tuple.js';
import { keyOf, setIam } from '../support/iam.js';
import { refused, sql } from '../support/steps.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { type Answer, type TestVault, startVault } from '../support/vault.js';
import { until } from '../support/until.js';

/**
 * Somebody who writes the database as its owner, triggers or not, gives nobody anything: rows that no vault wrote make the vault refuse
 * everybody with 503 PV9063 until they are put right.
 */
const ROOT_KEY = '5a'.repeat(32);
const IAM = `
[users.ann]
role = "reader"
[users.bob]
role = "chief"
[roles.reader]
capabilities = ["CapInfoReader", "CapIAMReader"]
policies = []
[roles.chief]
capabilities = ["*"]
policies = []
[policies]
`;

let database: TestDatabase;
let vault: TestVault;
let ann: string;
let bob: string;
const start = (): Promise<TestVault> => startVault({ COATCHECK_KMS_KEY: ROOT_KEY }, database);
const restart = async (): Promise<void> => {
  await vault.close();
  vault = await start();
};
const conf = (key = ann): Promise<Answer> => vault.send('GET', '/ctl/iam/conf?custom_audit=x', { key });
/** Changes rows past the vault and its triggers, and lets the vault look again. */
const tamper = async (...statements: string[]): Promise<void> => {
  await sql(
    vault,
    [
      'set session_replication_role = replica',
      ...statements,
      'update change_generation set generation = generation + 1',
    ].join(';'),
  );
  vault.app.vault.metadata.invalidate();
};
const expectRefused = async (): Promise<void> => {
  for (const key of [ann, bob, 'pvaultauth']) expect(refused(await conf(key))).toBe('503 PV9063');
  for (const plane of ['data', 'ctl']) {
    expect(refused(await vault.send('GET', `/${plane}/info/health`, { key: null }))).toBe('503 PV9063');
  }
  expect(vault.logged()).toMatch(/"level":"error".*PV9063|PV9063.*"level":"error"/);
};
const expectServed = async (): Promise<void> => {
  expect([
    (await conf()).status,
    (await vault.send('GET', '/ctl/info/health', { key: null })).status,
  ]).toEqual([200, 200]);
};

const begin = async (): Promise<void> => {
  database = await cloneDatabase();
  vault = await start();
  await setIam(vault, IAM);
  ann = await keyOf(vault, 'ann');
  bob = await keyOf(vault, 'bob');
};
const end = async (): Promise<void> => {
  await vault.close();
  await database.drop();
};

const TABLES = ['iam_version', 'api_key', 'iam_seal'];
const keep = (): Promise<unknown> =>
  sql(vault, TABLES.map((table) => `create table kept_${table} as select * from ${table}`).join(';'));
const putBack = TABLES.map(
  (table) => `delete from ${table}; insert into ${table} select * from kept_${table}`,
).join(';');

const CHIEF = `replace(toml, '"CapIAMReader"', '"*"')`;
const VERSION = 'insert into iam_version (version, toml, set_by, created_at, lookup_version, mac)';
describe("whoever writes the rows as the database's owner:", () => {
  beforeAll(async () => {
    await begin();
    await keep();
  });
  afterAll(end);

  test.each<[string, string]>([
    [
      'a key moved to a user who may more',
      `delete from api_key where user_name = 'bob'; update api_key set user_name = 'bob' where user_name = 'ann'`,
    ],
    [
      'two users’ keys exchanged',
      `update api_key set user_name = 'x' where user_name = 'ann'; update api_key set user_name = 'ann' where user_name = 'bob';
     update api_key set user_name = 'bob' where user_name = 'x'`,
    ],
    [
      'a key made to live longer',
      `update api_key set expires_at = expires_at + interval '1 ms' where user_name = 'ann'`,
    ],
    ['a key made to live for ever', `update api_key set expires_at = null where user_name = 'ann'`],
    ['another secret under a known id', `update api_key set hash = sha256('x') where user_name = 'bob'`],
    [
      'a key for a user who has none',
      `insert into api_key select 'carl', null, hash, lookup_version, null, now() from api_key where user_name = 'ann'`,
    ],
    ['a key taken away', `delete from api_key where user_name = 'bob'`],
    ['the Admin’s key taken away', `delete from api_key where user_name = 'Admin'`],
    ['a role given more', `update iam_version set toml = ${CHIEF}`],
    [
      'a version added without a MAC',
      `${VERSION} select version + 1, ${CHIEF}, set_by, now(), null, null from iam_version`,
    ],
    [
      'a version added with the MAC of another',
      `${VERSION} select version + 1, ${CHIEF}, set_by, now(), lookup_version, mac from iam_version`,
    ],
    ['the MAC of the newest version taken away', `update iam_version set mac = null`],
    ['another to have set it', `update iam_version set set_by = 'mallory'`],
    ['the newest version taken away', `delete from iam_version`],
    ['the seal taken away', `delete from iam_seal`],
    [
      'the seal and every MAC taken away',
      `delete from iam_seal; update iam_version set mac = null, lookup_version = null`,
    ],
    ['another serial', `update iam_seal set serial = serial + 1`],
    ['a lookup version that is not there', `update iam_seal set lookup_version = 99`],
    ['everything taken away', `delete from iam_seal; delete from iam_version; delete from api_key`],
  ])(
    '%s is served to nobody, is not signed by the next change, survives no start, and can be put right',
    async (_what, statements) => {
      await tamper(statements);
      await expectRefused();
      expect(refused(await vault.send('POST', '/ctl/iam/user/regen', { json: { name: 'ann' } }))).toBe(
        '503 PV9063',
      );
      await restart();
      await expectRefused();
      await tamper(putBack);
      // Every version is checked at a start alone, and what that found stands until the next.
      await restart();
      await expectServed();
    },
  );
});

describe('a vault of its own:', () => {
  beforeEach(begin);
  afterEach(end);

  test('what the vault wrote itself is served, before and after a start', async () => {
    await expectServed();
    await setIam(vault, IAM.replace('"CapInfoReader", ', ''));
    await keyOf(vault, 'ann').then((key) => (ann = key));
    await vault.send('POST', '/ctl/iam/user/update-expiration', {
      json: { name: 'bob', expiration_secs: 60 },
    });
    await restart();
    await expectServed();
    expect(vault.logged()).not.toContain('signed from now on');
  });

  test('rows that are put right again are served again', async () => {
    await tamper(`update api_key set expires_at = expires_at + interval '1 h' where user_name = 'ann'`);
    await expectRefused();
    await tamper(`update api_key set expires_at = expires_at - interval '1 h' where user_name = 'ann'`);
    await expectServed();
  });

  test('it is noticed without any request, and by health', async () => {
    await tamper(`update iam_version set set_by = 'mallory'`);
    await until('the log tells', () => vault.logged().includes('PV9063'));
    expect(refused(await vault.send('GET', '/ctl/info/health', { key: null }))).toBe('503 PV9063');
  });

  test('a revoked key whose row is put back stays revoked', async () => {
    const [old] = (await sql(vault, `select * from api_key where user_name = 'ann'`)) as {
      hash: Buffer;
      public_id: string;
    }[];
    const revoked = ann;
    await keyOf(vault, 'ann');
    await tamper(
      `update api_key set hash = '\\x${old!.hash.toString('hex')}', public_id = '${old!.public_id}' where user_name = 'ann'`,
    );
    expect(refused(await conf(revoked))).toBe('503 PV9063');
  });

  test('the whole of an older state, put back, is refused by the vault that saw the newer one', async () => {
    await keep();
    await keyOf(vault, 'ann');
    expect((await conf(bob)).status).toBe(200);
    await tamper(putBack);
    expect(refused(await conf(bob))).toBe('503 PV9063');
  });

  test('and by one that starts, as long as the log tells of a newer configuration', async () => {
    await keep();
    await setIam(vault, IAM.replace('["*"]', '[]'));
    expect(refused(await conf(bob))).toBe('403 PV1007');
    await tamper(putBack);
    await restart();
    expect(refused(await conf(bob))).toBe('503 PV9063');
  });

  test('an old configuration edited where it decides nothing any more is found at the next start', async () => {
    await setIam(vault, IAM.replace('["*"]', '[]'));
    await tamper(`update iam_version set toml = toml || ' ' where version = 1`);
    await restart();
    await expectRefused();
  });

  test('changes through two vaults at once, while both are asked, never look like tampering', async () => {
    const second = await start();
    const vaults = [vault, second];
    for (let round = 0; round < 5; round++) {
      const changes = vaults.flatMap((each) =>
        ['ann', 'bob'].map((name) => each.send('POST', '/ctl/iam/user/regen', { json: { name } })),
      );
      const reads = vaults.flatMap((each) => [1, 2, 3].map(() => each.send('GET', '/ctl/iam/conf')));
      for (const answer of await Promise.all([...changes, ...reads])) expect(refused(answer)).toBe('200 ');
    }
    await second.close();
  });

  describe('a database from before the MACs', () => {
    /** The rows as the release before left them. */
    const asBefore = async (): Promise<void> => {
      const root = Key.fromSecret(Buffer.from(ROOT_KEY, 'hex'));
      const epoch = await derivedEpochs(root).key(1);
      const [row] = (await sql(vault, 'select wrapped from keystore.lookup_version')) as {
        wrapped: Buffer;
      }[];
      const aad = (...more: string[]): Buffer => tuple('coatcheck/v1/lookup', u32(1), u32(1), ...more);
      const plain = epoch.wrap(epoch.unwrap(row!.wrapped, aad('iam')), aad());
      await vault.close();
      await tamperedWhileDown(`delete from iam_seal; update iam_version set mac = null, lookup_version = null;
      update keystore.lookup_version set wrapped = '\\x${plain.toString('hex')}'`);
    };
    const tamperedWhileDown = async (statements: string): Promise<unknown> =>
      sql(vault, `set session_replication_role = replica; ${statements}`);

    test('is signed once, which the log says, and from then on a missing MAC is tampering', async () => {
      await setIam(vault, IAM);
      await asBefore();
      vault = await start();
      await expectServed();
      expect(vault.logged()).toMatch(/signed from now on/);
      expect(vault.logged()).toMatch(/"versions":2/);
      await restart();
      await expectServed();
      expect(vault.logged()).not.toMatch(/signed from now on/);
      await tamper('delete from iam_seal; update iam_version set mac = null');
      await restart();
      await expectRefused();
    });

    test('is signed once by however many start together', async () => {
      await asBefore();
      const vaults = await Promise.all([start(), start(), start()]);
      expect(vaults.filter((each) => each.logged().includes('signed from now on'))).toHaveLength(1);
      for (const each of vaults) expect((await each.send('GET', '/ctl/iam/conf')).status).toBe(200);
      await Promise.all(vaults.slice(1).map((each) => each.close()));
      vault = vaults[0]!;
    });
  });

  test('lookup keys that are taken away do not make the vault begin anew with rows of somebody’s making', async () => {
    await vault.close();
    await sql(
      vault,
      `set session_replication_role = replica; delete from keystore.lookup_version; delete from iam_seal`,
    );
    vault = await start();
    await expectRefused();
  });
});
