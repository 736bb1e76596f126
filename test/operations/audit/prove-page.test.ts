import { parseCheckpoint } from '../../../src/access-log/checkpoint.js';
import { parseNote, parseVerifierKey, signersOf } from '../../../src/access-log/note.js';
import { verifyInclusion } from '../../../src/access-log/proofs.js';
import { leafHash } from '../../../src/access-log/tree.js';
import { addCollection, addObject, refusal } from '../../support/steps.js';
import { openSuperuser } from '../../support/superuser.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

/** Proofs that come with pages of the log: listAuditEntries, queryAuditEntries, listSubjectAccesses. */
interface Proved {
  index: number;
  bytes?: string;
  operation?: string;
  proof?: { leaf: string; hashes: string[] };
}
let vault: TestVault;
let id: string;
const AUDIT = '/api/coatcheck/1.0/audit/entries';
const listed = (query: string): Promise<Answer> => vault.send('GET', `${AUDIT}?${query}`);
const queried = (json: object): Promise<Answer> =>
  vault.send('POST', '/api/coatcheck/1.0/audit/query', { json });
const told = (query: string): Promise<Answer> =>
  vault.send('GET', `/api/coatcheck/1.0/subjects/users/${id}/accesses?${query}`);

/** Whether every row is proved against the page's checkpoint, which the log's own key signed. */
async function proves(rows: readonly Proved[], checkpoint: string): Promise<boolean> {
  const [known] = (await vault.send('GET', '/api/coatcheck/1.0/audit/keys')).body.keys as { key: string }[];
  const key = parseVerifierKey(known!.key);
  if (signersOf(parseNote(checkpoint), [key]).length !== 1) return false;
  const { root, size } = parseCheckpoint(checkpoint);
  return rows.every(({ index, proof }) => {
    const hashes = proof!.hashes.map((hash) => Buffer.from(hash, 'base64'));
    return verifyInclusion(index, size, Buffer.from(proof!.leaf, 'base64'), hashes, root);
  });
}

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  id = await addObject(vault, { name: 'Ann' });
  for (let n = 0; n < 300; n += 50) {
    const reads = Array.from({ length: 50 }, () =>
      vault.send('GET', `/data/collections/users/objects/${id}?props=name`),
    );
    await Promise.all(reads);
  }
});
afterAll(() => vault.close());

describe('200', () => {
  test.each(['newest', 'oldest'])(
    'every entry of a page is proved, and its bytes say what it says, %s first',
    async (order) => {
      const { body } = await listed(`proofs=true&order=${order}`);
      const entries = body.entries as Required<Proved>[];
      expect(entries).toHaveLength(100);
      expect(await proves(entries, body.checkpoint)).toBe(true);
      for (const { bytes, proof, operation } of entries) {
        const entry = Buffer.from(bytes, 'base64');
        expect(leafHash(entry).toString('base64')).toBe(proof.leaf);
        expect(JSON.parse(entry.toString('utf8'))).toMatchObject({ operation });
      }
      const [first, second] = entries;
      expect(await proves([{ ...first!, proof: second!.proof }], body.checkpoint)).toBe(false);
    },
  );

  test('pages join up, each with a checkpoint of its own, by query as by list', async () => {
    const seen: number[] = [];
    let cursor = '';
    do {
      const { body } = await queried({
        proofs: true,
        limit: 100,
        operation: 'getObjectById',
        ...(cursor && { cursor }),
      });
      expect(await proves(body.entries as Proved[], body.checkpoint)).toBe(true);
      seen.push(...(body.entries as Proved[]).map(({ index }) => index));
      cursor = body.cursor;
    } while (cursor !== '');
    expect(seen).toHaveLength(300);
    expect(new Set(seen).size).toBe(300);
  });

  test('what a person is told of is proved without the bytes, which may name others', async () => {
    const { body } = await told('proofs=true');
    const accesses = body.accesses as Proved[];
    expect(accesses).toHaveLength(100);
    expect(await proves(accesses, body.checkpoint)).toBe(true);
    expect(accesses[0]).not.toHaveProperty('bytes');
  });

  test('without being asked for there are none, and of no entries there is nothing to prove', async () => {
    for (const { body } of [await listed('limit=1'), await told('limit=1'), await queried({ limit: 1 })]) {
      expect(body).not.toHaveProperty('checkpoint');
      expect((body.entries ?? body.accesses)[0]).not.toHaveProperty('proof');
    }
    expect((await listed('proofs=true&operation=rotateKeys')).body).toEqual({ entries: [], cursor: '' });
  });
});

test('400: at most a hundred at a time', async () => {
  const answers = [
    await listed('proofs=true&limit=101'),
    await told('proofs=true&limit=101'),
    await queried({ proofs: true, limit: 1000 }),
  ];
  for (const answer of answers) expect(refusal(answer)).toEqual([400, 'PV9007', { field: 'limit' }]);
  expect((await listed('limit=101')).status).toBe(200);
});

test('410: a log that was changed gives no proof', async () => {
  const { body } = await listed('proofs=true&limit=1&order=oldest');
  expect(body.entries[0].index).toBe(0);
  const superuser = await openSuperuser(vault.database.url);
  const [row] = await superuser.query<{ leaf: Buffer }>('select leaf from access_log where index = 0');
  await superuser.query(`update access_log set leaf = sha256('x') where index = 0`);
  expect((await listed('proofs=true&limit=1&order=oldest')).status).toBe(410);
  await superuser.query('update access_log set leaf = $1 where index = 0', [row!.leaf]);
  await superuser.close();
});
