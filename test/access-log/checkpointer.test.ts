import { randomBytes } from 'node:crypto';
import { checkpointText, parseCheckpoint } from '../../src/access-log/checkpoint.js';
import { Checkpointer, verifierKeyOf } from '../../src/access-log/checkpointer.js';
import { formatNote, formatSignature, parseNote, signersOf } from '../../src/access-log/note.js';
import { verifyInclusion } from '../../src/access-log/proofs.js';
import { EMPTY_FRONTIER, appendLeaves, encodeFrontier, rootOf } from '../../src/access-log/tree.js';
import {
  completeNodes,
  readConsistencyProof,
  readInclusionProof,
  readRoot,
} from '../../src/access-log/tree-reader.js';
import { verifyLog } from '../../src/access-log/verify.js';
import { AccessLog } from '../../src/access-log/writer.js';
import { Keyring, derivedEpochs, environmentRootKey } from '../../src/crypto/index.js';
import { checkpointsFrom, thinCheckpoints } from '../../src/store/access-log/checkpoints.js';
import { readLog } from '../../src/store/access-log/read.js';
import type { Database, Statement } from '../../src/store/database.js';
import { keystoreTables } from '../../src/store/keystore-tables.js';
import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { draft, openDatabase } from './support.js';
import { consistencyProof, inclusionProof } from './slow-proofs.js';

const ROOT_KEY = randomBytes(32).toString('hex');
const ORIGIN = 'log.example';

let place: TestDatabase;
let database: Database;
let sql: Superuser;
let log: AccessLog;
let keyring: Keyring;
let now: Date;
const checkpointer = (): Checkpointer => new Checkpointer(database, keyring, ORIGIN, () => now);
/** Appends so many entries, in as few batches as that takes. */
const grow = (entries: number): Promise<unknown> =>
  Promise.all(Array.from({ length: entries }, (_, n) => log.append(draft(n))));

beforeEach(async () => {
  place = await cloneDatabase();
  database = openDatabase(place.url);
  sql = await openSuperuser(place.url);
  log = new AccessLog(database);
  const root = await environmentRootKey(ROOT_KEY).load();
  keyring = await Keyring.unlock(keystoreTables(database), derivedEpochs(root));
  now = new Date('2026-01-01T00:00:00Z');
});
afterEach(async () => {
  await sql.close();
  await database.close();
  await place.drop();
});

async function leaves(): Promise<Buffer[]> {
  return (await readLog(database, 0, 1_000_000)).map(({ leaf }) => leaf);
}

describe('proofs from stored nodes', () => {
  test('are those that all leaves give, for sizes around whole groups and beyond them', async () => {
    await grow(1_300);
    await completeNodes(database, 1_300);
    const all = await leaves();
    for (const size of [1, 2, 255, 256, 257, 511, 512, 513, 1_024, 1_299, 1_300]) {
      const tree = all.slice(0, size);
      expect(await readRoot(database, size)).toEqual(rootOf(appendLeaves(EMPTY_FRONTIER, tree)));
      for (const index of [0, 1, 254, 255, 256, 300, 600, 1_299].filter((n) => n < size)) {
        expect(await readInclusionProof(database, index, size)).toEqual(inclusionProof(tree, index));
      }
      for (const size1 of [1, 200, 256, 300, 1_000].filter((n) => n <= size)) {
        expect(await readConsistencyProof(database, size1, size)).toEqual(consistencyProof(tree, size1));
      }
    }
  });

  test('four levels of nodes, built in steps and by two at once', async () => {
    // Leaves without entries: a tree of 70,000 is what matters here.
    const count = 70_000;
    const hashes = Array.from({ length: count }, () => randomBytes(32));
    await sql.query(
      `insert into access_log (index, bytes, leaf)
       select nth - 1, '', leaf from unnest($1::bytea[]) with ordinality as t (leaf, nth)`,
      [hashes],
    );
    await completeNodes(database, 30_000);
    await Promise.all([completeNodes(database, count), completeNodes(database, count)]);
    const root = rootOf(appendLeaves(EMPTY_FRONTIER, hashes));
    for (const index of [0, 65_535, 65_536, 69_999]) {
      const proof = await readInclusionProof(database, index, count);
      expect(verifyInclusion(index, count, hashes[index]!, proof, root)).toBe(true);
    }
    expect(await sql.query('select level, count(*)::int from access_log_node group by 1 order by 1')).toEqual(
      [
        { level: 17, count: 4_375 },
        { level: 18, count: 273 },
        { level: 19, count: 17 },
        { level: 20, count: 1 },
      ],
    );
  });

  test('are refused where hashes are missing, and for the time being where nodes are yet to come', async () => {
    await grow(300);
    await expect(readInclusionProof(database, 299, 300)).rejects.toMatchObject({ code: 'PV1009' });
    await completeNodes(database, 300);
    await readInclusionProof(database, 299, 300);
    await sql.query('delete from access_log_node where level = 17 and position = 16');
    await expect(readInclusionProof(database, 299, 300)).rejects.toMatchObject({ code: 'PV9010' });
    await readInclusionProof(database, 200, 256);
    await sql.query('delete from access_log where index = 297');
    await expect(readInclusionProof(database, 299, 300)).rejects.toMatchObject({ code: 'PV9010' });
  });
});

test('nodes that are stored while a proof is read are none that are missing', async () => {
  await grow(300);
  // All nodes come right after the first look at them.
  let looks = 0;
  const filling = {
    async run(statement: Statement) {
      const rows = await database.run(statement);
      if (statement.name === 'access-log-nodes' && looks++ === 0) await completeNodes(database, 300);
      return rows;
    },
  } as Database;
  const proof = await readInclusionProof(filling, 299, 300);
  expect(proof).toEqual(inclusionProof(await leaves(), 299));
});

test('an instance of the version before, with nodes of 256, may run beside this one', async () => {
  await grow(600);
  const all = await leaves();
  const rootFrom = (from: number): Buffer =>
    rootOf(appendLeaves(EMPTY_FRONTIER, all.slice(from, from + 256)));
  const theirs = [rootFrom(0), rootFrom(256)];
  await sql.query('insert into access_log_node values (1, 0, $1), (1, 1, $2)', theirs);
  const signing = checkpointer();
  await signing.sign();
  expect(await readInclusionProof(database, 3, 600)).toEqual(inclusionProof(all, 3));
  await grow(1);
  now = new Date(now.getTime() + 1_000);
  expect(await signing.sign()).toMatchObject({ size: 601 });
  expect(await verifyLog(database)).toMatchObject({ ok: true, size: 601 });
  const kept = await sql.query<{ hash: Buffer }>(
    'select hash from access_log_node where level < 16 order by position',
  );
  expect(kept.map(({ hash }) => hash)).toEqual(theirs);
});

describe('a checkpoint', () => {
  test('says size and root and is signed by the key that is listed', async () => {
    await grow(5);
    const signing = checkpointer();
    const { note, size } = await signing.sign();
    expect(size).toBe(5);
    expect(parseCheckpoint(note)).toEqual({
      origin: ORIGIN,
      size: 5,
      root: rootOf(appendLeaves(EMPTY_FRONTIER, await leaves())),
    });
    const keys = (await signing.keys()).map(verifierKeyOf);
    expect(signersOf(parseNote(note), keys)).toEqual(keys);
  });

  test('is made once per size, by several instances at once too, and an empty log has one', async () => {
    const empty = await checkpointer().sign();
    expect(empty.size).toBe(0);
    await grow(3);
    const made = await Promise.all(
      [checkpointer(), checkpointer(), checkpointer()].map((each) => each.sign()),
    );
    expect(new Set(made.map(({ note }) => note)).size).toBe(1);
    expect(await checkpointsFrom(database, 0, 10)).toHaveLength(2);
    expect(await sql.query('select count(*)::int from keystore.log_key')).toEqual([{ count: 1 }]);
  });

  test('covers an entry that was appended while another run was under way', async () => {
    const signing = checkpointer();
    await grow(2);
    for (let n = 2; n < 20; n++) {
      const [, index] = await Promise.all([signing.sign(), log.append(draft(n))]);
      expect((await signing.covering(index)).size).toBeGreaterThan(index);
    }
  });

  test('after a change of keys is signed by both, and the one after it by the new key alone', async () => {
    const signing = checkpointer();
    await grow(1);
    await signing.sign();
    const [old, fresh] = (await signing.rotateKey()).map(verifierKeyOf);
    await grow(1);
    const both = await checkpointer().sign();
    expect(signersOf(parseNote(both.note), [old!, fresh!])).toEqual([old, fresh]);
    await grow(1);
    const after = await checkpointer().sign();
    expect(signersOf(parseNote(after.note), [old!, fresh!])).toEqual([fresh]);
    expect((await signing.keys()).map(({ retiredAt }) => retiredAt === null)).toEqual([false, true]);
    expect(await verifyLog(database)).toMatchObject({ ok: true });
  });

  test('of a log with another name is signed by its own key alone, and by every one of these if they change at once', async () => {
    const signing = checkpointer();
    await grow(1);
    await signing.sign();
    expect(await signing.rename(ORIGIN)).toBeNull();
    const renamed = verifierKeyOf((await signing.rename('log.example/2'))!);
    expect(renamed).toMatchObject({ name: 'log.example/2' });
    const all = (await signing.rotateKey()).map(verifierKeyOf);
    expect(all.map(({ name }) => name)).toEqual([ORIGIN, 'log.example/2', 'log.example/2']);
    await grow(1);
    // Whoever was given the key of the new name when it was made has to be able to follow.
    expect(signersOf(parseNote((await signing.sign()).note), all)).toEqual([renamed, all[2]]);
    await grow(1);
    expect(signersOf(parseNote((await signing.sign()).note), all)).toEqual([all[2]]);
    expect(await verifyLog(database)).toMatchObject({ ok: true });
  });

  test('of a log with another name is not believed for the signature of a key of before', async () => {
    const signing = checkpointer();
    await grow(1);
    const [old] = await signing.keys();
    await signing.rename('log.example/2');
    const { size, root } = await signing.sign();
    const text = checkpointText({ origin: 'log.example/2', size, root });
    const line = formatSignature(verifierKeyOf(old!), keyring.openLogKey(old!).sign(Buffer.from(text)));
    await sql.query('update access_log_checkpoint set note = $1', [formatNote(text, [line])]);
    const known = { keys: (await signing.keys()).map(verifierKeyOf), checkpoints: [] };
    for (const verified of [await verifyLog(database), await verifyLog(database, { known })])
      expect(verified).toMatchObject({ ok: false, problem: expect.stringContaining('not signed') });
  });

  test('is thinned to the last of each hour once it is old', async () => {
    const signing = checkpointer();
    for (const time of ['00:10', '00:20', '00:50', '01:05', '01:30', '02:00']) {
      now = new Date(`2026-01-01T${time}:00Z`);
      await grow(1);
      await signing.sign();
    }
    await thinCheckpoints(database, new Date('2026-01-01T01:20:00Z'));
    const left = await checkpointsFrom(database, 0, 10);
    expect(left.map(({ createdAt }) => createdAt.toISOString().slice(11, 16))).toEqual([
      '00:50',
      '01:30',
      '02:00',
    ]);
    expect(await verifyLog(database)).toMatchObject({ ok: true });
  });

  test('is not made with a signing key whose row was changed', async () => {
    const signing = checkpointer();
    await grow(1);
    await signing.sign();
    await sql.query(`update keystore.log_key set origin = 'log.elsewhere'`);
    await grow(1);
    await expect(checkpointer().sign()).rejects.toMatchObject({ code: 'PV9010' });
  });
});

describe('nothing is signed that does not continue what was signed', () => {
  async function refused(tamper: () => Promise<unknown>, problem: RegExp): Promise<void> {
    const signing = checkpointer();
    await grow(40);
    await signing.sign();
    await tamper();
    await expect(signing.sign()).rejects.toMatchObject({ code: 'PV9010' });
    expect(signing.problem).toMatch(problem);
    expect(await checkpointsFrom(database, 0, 10)).toHaveLength(1);
    expect(await verifyLog(database)).toMatchObject({ ok: false });
  }
  /** Puts the head where it belongs for the leaves there are: a thief who knows the format does. */
  async function mendHead(): Promise<void> {
    const frontier = appendLeaves(EMPTY_FRONTIER, await leaves());
    await sql.query('update access_log_head set size = $1, frontier = $2', [
      frontier.size,
      encodeFrontier(frontier),
    ]);
  }

  test('a tail cut off', () =>
    refused(async () => {
      await sql.query('delete from access_log where index >= 30');
      await mendHead();
    }, /shorter/));

  test('a tail cut off and other entries in its place', () =>
    refused(async () => {
      await sql.query('delete from access_log where index >= 30');
      await mendHead();
      log = new AccessLog(database);
      await grow(20);
    }, /does not continue/));

  test('an entry replaced, leaf, head and all', () =>
    refused(async () => {
      await sql.query(
        `update access_log set bytes = other.bytes, leaf = other.leaf from access_log other
          where access_log.index = 7 and other.index = 8`,
      );
      await mendHead();
    }, /another one/));

  test('a clock that was put back', async () => {
    const signing = checkpointer();
    await grow(2);
    const { createdAt } = await signing.sign();
    // As clocks of several instances differ.
    now = new Date(now.getTime() - 29_000);
    await grow(1);
    expect((await signing.sign()).createdAt).toEqual(createdAt);
    now = new Date(now.getTime() - 2_000);
    await grow(1);
    await expect(signing.sign()).rejects.toMatchObject({ code: 'PV9010' });
    expect(signing.problem).toMatch(/clock/);
    now = new Date(now.getTime() + 33_000);
    await signing.sign();
    expect(signing.problem).toBeNull();
  });
});

describe('the verification', () => {
  const verify = async () => {
    const found = await verifyLog(database);
    return found.ok ? null : [found.index, found.problem];
  };
  beforeEach(async () => {
    await grow(300);
    await checkpointer().sign();
    await grow(300);
    await checkpointer().sign();
    expect(await verify()).toBeNull();
  });

  test('of a log whose keys are made while it goes on', async () => {
    for (const make of [
      () => sql.query('truncate keystore.log_key, access_log_checkpoint, access_log_cosignature'),
      () => checkpointer().rotateKey(),
    ]) {
      await make();
      await grow(300);
      let told = false;
      const onProgress = async (): Promise<void> => {
        if (!told) await checkpointer().sign();
        told = true;
      };
      expect(await verifyLog(database, { inSmallSteps: true, onProgress })).toMatchObject({ ok: true });
    }
  });

  test.each<[string, string, number, RegExp]>([
    [
      'an edited root',
      `update access_log_checkpoint set root = sha256(root) where size = 300`,
      0,
      /not those that were signed/,
    ],
    [
      'an edited note',
      `update access_log_checkpoint set note = replace(note, '300', '301') where size = 300`,
      0,
      /not signed/,
    ],
    [
      'a note without signature',
      `update access_log_checkpoint set note = split_part(note, E'\\n\\n', 1) where size = 600`,
      300,
      /not signed/,
    ],
    [
      'an edited node',
      `update access_log_node set hash = sha256(hash) where level = 17 and position = 17`,
      272,
      /group/,
    ],
    [
      'an edited node over nodes',
      `update access_log_node set hash = sha256(hash) where level = 18 and position = 1`,
      256,
      /group/,
    ],
    ['a missing node', `delete from access_log_node where position = 0`, 0, /missing/],
    [
      'a node of entries that are not there',
      `insert into access_log_node values (18, 2, sha256(''))`,
      600,
      /not there/,
    ],
    [
      'a checkpoint of entries that are not there',
      `insert into access_log_checkpoint values (900, sha256(''), '', now())`,
      600,
      /900/,
    ],
  ])('finds %s', async (_name, tamper, index, problem) => {
    await sql.query(tamper);
    expect(await verify()).toEqual([index, expect.stringMatching(problem)]);
  });

  test('finds a log that somebody signed with a key of his own, where the right key is known', async () => {
    const [own] = (await checkpointer().keys()).map(verifierKeyOf);
    await sql.query('delete from access_log_checkpoint');
    await sql.query('delete from keystore.log_key');
    await checkpointer().sign();
    expect(await verify()).toBeNull();
    const found = await verifyLog(database, { known: { keys: [own!], checkpoints: [] } });
    expect(found).toMatchObject({ ok: false, problem: expect.stringMatching(/not signed by a key/) });
  });
});

test('what is appended and signed while a verification begins is no alarm', async () => {
  await grow(250);
  const run = database.run.bind(database);
  let begun = false;
  // Between the head, which a verification reads first, and the newest checkpoint.
  database.run = async (statement) => {
    const rows = await run(statement);
    if (statement.name !== 'access-log-head' || begun) return rows as never;
    begun = true;
    await grow(20);
    await checkpointer().sign();
    return rows as never;
  };
  expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true, size: 250 }));
  await sql.query('update access_log_head set size = 249');
  expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: false }));
});
