import { parseCheckpoint } from '../../../src/access-log/checkpoint.js';
import { decodeEntry, textHash } from '../../../src/access-log/entry.js';
import { parseNote, parseVerifierKey, signersOf } from '../../../src/access-log/note.js';
import { verifyInclusion } from '../../../src/access-log/proofs.js';
import { leafHash } from '../../../src/access-log/tree.js';
import { addCollection, addObject, refusal } from '../../support/steps.js';
import { openSuperuser } from '../../support/superuser.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { ask, auditorAndOther, newest, outsiders } from './support.js';

let vault: TestVault;
let keys: { auditor: string; other: string };
beforeAll(async () => {
  vault = await startVault();
  keys = await auditorAndOther(vault);
  await addCollection(vault);
});
afterAll(() => vault.close());

interface Proof {
  index: number;
  size: number;
  leaf: string;
  proof: string[];
  checkpoint: string;
}
const proves = ({ index, size, leaf, proof, checkpoint }: Proof): boolean => {
  const { root, size: signed } = parseCheckpoint(checkpoint);
  const hashes = proof.map((hash) => Buffer.from(hash, 'base64'));
  return signed === size && verifyInclusion(index, size, Buffer.from(leaf, 'base64'), hashes, root);
};

describe('200', () => {
  test('an entry of a moment ago is proved against a signed checkpoint', async () => {
    await vault.send('GET', '/ctl/collections');
    const index = await newest(vault, 'listCollections');
    const { body } = await ask(vault, `proof/inclusion?index=${index}`, { key: keys.auditor });
    expect(body.index).toBe(index);
    expect(proves(body as Proof)).toBe(true);
    const [listed] = (await ask(vault, 'keys')).body.keys as { key: string }[];
    const key = parseVerifierKey(listed!.key);
    expect(signersOf(parseNote((body as Proof).checkpoint), [key])).toEqual([key]);
  });

  test('the bytes that it is about come along, with the texts that they commit to and the salts of those', async () => {
    await addObject(vault, {}, { query: '?reason=Other&adhoc_reason=ticket+4711' });
    const index = await newest(vault, 'addObject');
    const { body } = await ask(vault, `proof/inclusion?index=${index}`);
    const bytes = Buffer.from(body.entry as string, 'base64');
    expect(leafHash(bytes).toString('base64')).toBe(body.leaf);
    const entry = decodeEntry(bytes);
    expect(entry.operation).toBe('addObject');
    const [text, ...others] = body.texts as { kind: string; salt: string; text: string }[];
    expect([text!.kind, text!.text, others]).toEqual(['adhoc_reason', 'ticket 4711', []]);
    expect(textHash(Buffer.from(text!.salt, 'base64'), text!.text)).toBe(entry.adhoc_hash);
  });

  test('a text that was erased does not, and its salt neither', async () => {
    await addObject(vault, {}, { query: '?reason=Other&adhoc_reason=forget+it' });
    const index = await newest(vault, 'addObject');
    await ask(vault, 'texts/erase', { json: { indexes: [index] } }, 'POST');
    const { body } = await ask(vault, `proof/inclusion?index=${index}`);
    expect(body.texts).toEqual([]);
    expect(proves(body as Proof)).toBe(true);
  });

  test('against an older checkpoint, by its size', async () => {
    const { body: older } = await ask(vault, 'proof/inclusion?index=0');
    for (let n = 0; n < 3; n++) await vault.send('GET', '/ctl/collections');
    await vault.app.vault.checkpoints.sign();
    const { body } = await ask(vault, `proof/inclusion?index=0&size=${older.size}`);
    expect(body).toEqual(older);
  });

  test('the text form holds the same and verifies by itself', async () => {
    const { body } = await ask(vault, 'proof/inclusion?index=1');
    const { text, headers } = await ask(vault, `proof/inclusion?index=1&size=${body.size}&format=tlog-proof`);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text).toBe(
      ['c2sp.org/tlog-proof@v1', 'index 1', ...(body.proof as string[]), '', body.checkpoint].join('\n'),
    );
  });
});

describe('404', () => {
  test('an entry that is not there', async () => {
    expect(refusal(await ask(vault, 'proof/inclusion?index=999999'))).toEqual([
      404,
      'PV9080',
      { field: 'index' },
    ]);
  });

  test('a checkpoint that is not there, or does not cover the entry', async () => {
    for (const size of [1, 999_999]) {
      const answer = await ask(vault, `proof/inclusion?index=1&size=${size}`);
      expect(refusal(answer)).toEqual([404, 'PV9080', { field: 'size' }]);
    }
  });
});

test('400 for an index that is none', async () => {
  for (const index of ['', '-1', '1.5', 'x', '9999999999999999']) {
    expect(refusal(await ask(vault, `proof/inclusion?index=${index}`))[0]).toBe(400);
  }
  expect(refusal(await ask(vault, 'proof/inclusion'))).toMatchObject([400, 'PV1012', { field: 'index' }]);
});

test('403 without the capability, 401 without a key', async () => {
  expect(await outsiders(vault, keys.other, 'proof/inclusion?index=0')).toEqual(['403 PV1007', '401 PV1005']);
});

test('410 for an entry whose leaf was changed: a proof that proves nothing is not given out', async () => {
  const own = await startVault();
  const sql = await openSuperuser(own.database.url);
  try {
    for (let n = 0; n < 3; n++) await own.send('GET', '/ctl/collections');
    await own.app.vault.checkpoints.sign();
    await sql.query('update access_log set leaf = sha256(leaf) where index = 1');
    const { body } = await ask(own, 'status');
    expect(refusal(await ask(own, `proof/inclusion?index=0&size=${body.checkpoint_size}`))).toEqual([
      410,
      'PV9010',
      {},
    ]);
  } finally {
    await sql.close();
    await own.close();
  }
});
