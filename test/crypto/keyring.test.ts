import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  Keyring,
  RootKeyError,
  derivedEpochs,
  environmentRootKey,
  fileEpochs,
  fileRootKey,
  sealField,
} from '../../src/crypto/index.js';
import { Key } from '../../src/crypto/key.js';
import { memoryKeystore } from './memory-keystore.js';

const PV9010 = expect.objectContaining({ code: 'PV9010' });
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-keys-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The message with which unlocking stopped. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RootKeyError);
  return (error as Error).message;
}

/** Does `work` as if so much time had passed. */
async function afterwards(ms: number, work: () => Promise<unknown>): Promise<void> {
  const real = performance.now;
  performance.now = () => real.call(performance) + ms;
  try {
    // The cache looks at the clock once a millisecond.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await work();
  } finally {
    performance.now = real;
  }
}

describe('the root key', () => {
  const hex = '0f'.repeat(32);
  const base64 = Buffer.from(hex, 'hex').toString('base64');
  const probe = async (text: string): Promise<string> =>
    (await environmentRootKey(text).load()).mac(Buffer.from('x'), 32).toString('hex');

  test('is the same in hex, base64 and base64url, with white space around it', async () => {
    const forms = [hex, hex.toUpperCase(), base64, base64.replace(/=+$/, ''), ` ${hex}\r\n`];
    expect(new Set(await Promise.all(forms.map(probe))).size).toBe(1);
  });

  test.each(['', 'x', hex.slice(2), `${hex}0f`, base64.slice(4), `${base64}AAAA`, 'g'.repeat(64), '=='])(
    'is refused without being quoted: %j',
    async (text) => {
      const message = await refusal(environmentRootKey(text).load());
      expect(message).toContain('COATCHECK_KMS_KEY');
      if (text.length > 2) expect(message).not.toContain(text);
    },
  );

  test('in a file is made once, for its owner alone, and only where that is asked for', async () => {
    const file = path.join(directory, 'keys', 'root.key');
    await refusal(fileRootKey(file, { create: false }).load());
    expect(await refusal(fileRootKey('', { create: false }).load())).toContain('set COATCHECK_KMS_KEY_FILE');
    const made = await Promise.all([1, 2, 3].map(() => fileRootKey(file, { create: true }).load()));
    expect(new Set(made.map((key) => key.mac(Buffer.of(1), 32).toString('hex'))).size).toBe(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    const text = readFileSync(file, 'utf8');
    await fileRootKey(file, { create: true }).load();
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

describe('unlocking', () => {
  const root = Key.generate();
  const file = (): string => path.join(directory, 'root.key.epochs');

  test('makes the first keys, and finds them again', async () => {
    const keystore = memoryKeystore();
    const first = await Keyring.unlock(keystore, fileEpochs(root, file()));
    const again = await Keyring.unlock(keystore, fileEpochs(root, file()));
    expect(again.lookup.tokenHash(1, 'x')).toEqual(first.lookup.tokenHash(1, 'x'));
    expect(keystore.rows.epochs).toHaveLength(1);
    expect(keystore.rows.lookups).toHaveLength(1);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test('by several at once gives all the same keys', async () => {
    const keystore = memoryKeystore();
    const rings = await Promise.all([1, 2, 3].map(() => Keyring.unlock(keystore, fileEpochs(root, file()))));
    expect(new Set(rings.map((ring) => ring.lookup.tokenHash(1, 'x').toString('hex'))).size).toBe(1);
    const sealing = await Promise.all(rings.map((ring) => ring.sealing(1, 'a')));
    expect(new Set(sealing.map(({ keysetId }) => keysetId)).size).toBe(1);
  });

  test('with another root key says so: with an epoch file, and with epochs derived from it', async () => {
    const withFile = memoryKeystore();
    await Keyring.unlock(withFile, fileEpochs(root, file()));
    expect(await refusal(Keyring.unlock(withFile, fileEpochs(Key.generate(), file())))).toMatch(
      /^Wrong root key/,
    );

    const derived = memoryKeystore();
    await Keyring.unlock(derived, derivedEpochs(root));
    expect(await refusal(Keyring.unlock(derived, derivedEpochs(Key.generate())))).toMatch(/^Wrong root key/);
  });

  test('with the epoch file of another vault says so', async () => {
    const keystore = memoryKeystore();
    await Keyring.unlock(keystore, fileEpochs(root, file()));
    const other = path.join(directory, 'other.epochs');
    await Keyring.unlock(memoryKeystore(), fileEpochs(root, other));
    expect(await refusal(Keyring.unlock(keystore, fileEpochs(root, other)))).toMatch(
      /^Wrong root key.*other/,
    );
  });

  test('without the epoch file that there was says so, and makes no new one', async () => {
    const keystore = memoryKeystore();
    await Keyring.unlock(keystore, fileEpochs(root, file()));
    rmSync(file());
    expect(await refusal(Keyring.unlock(keystore, fileEpochs(root, file())))).toContain('cannot be read');
    expect(() => statSync(file())).toThrow();
  });

  test.each([
    ['no JSON', 'x', /is not an epoch file/],
    ['null', 'null', /is not an epoch file/],
    ['another format', '{"format":"coatcheck-epochs-2","epochs":{}}', /is not an epoch file/],
    ['no epochs', '{"format":"coatcheck-epochs-1","epochs":null}', /is not an epoch file/],
    ['a destroyed epoch', '{"format":"coatcheck-epochs-1","epochs":{}}', /does not hold epoch 1/],
    [
      'an epoch that is no text',
      '{"format":"coatcheck-epochs-1","epochs":{"1":5}}',
      /Wrong root key|is not an epoch file/,
    ],
    ['an epoch cut short', '{"format":"coatcheck-epochs-1","epochs":{"1":"AQE="}}', /^Wrong root key/],
  ])('with an epoch file that holds %s says so', async (_name, text, message) => {
    const keystore = memoryKeystore();
    await Keyring.unlock(keystore, fileEpochs(root, file()));
    writeFileSync(file(), text);
    expect(await refusal(Keyring.unlock(keystore, fileEpochs(root, file())))).toMatch(message);
  });

  test.each<[string, (rows: ReturnType<typeof memoryKeystore>['rows']) => void]>([
    [
      'the value that recognises the epoch',
      (rows) => (rows.epochs[0] = { epoch: 1, check: Buffer.alloc(32) }),
    ],
    ['its length', (rows) => (rows.epochs[0] = { epoch: 1, check: Buffer.alloc(0) })],
    [
      'the wrapped lookup key',
      (rows) => (rows.lookups[0] = { ...rows.lookups[0]!, wrapped: Buffer.alloc(106) }),
    ],
    ['the number of the lookup key', (rows) => (rows.lookups[0] = { ...rows.lookups[0]!, version: 2 })],
    ['its epoch', (rows) => (rows.lookups[0] = { ...rows.lookups[0]!, epoch: 9 })],
    ['its state', (rows) => (rows.lookups[0] = { ...rows.lookups[0]!, state: 'decrypt_only' })],
  ])('stops with a message where somebody changed %s', async (_name, change) => {
    const keystore = memoryKeystore();
    await Keyring.unlock(keystore, fileEpochs(root, file()));
    change(keystore.rows);
    expect(await refusal(Keyring.unlock(keystore, fileEpochs(root, file())))).not.toBe('');
  });
});

describe('keysets', () => {
  let keystore: ReturnType<typeof memoryKeystore>;
  let keyring: Keyring;
  beforeEach(async () => {
    keystore = memoryKeystore();
    keyring = await Keyring.unlock(keystore, derivedEpochs(Key.generate()));
  });

  test('each collection and tenant has its own', async () => {
    const ids = [
      await keyring.sealing(1, ''),
      await keyring.sealing(1, 'a'),
      await keyring.sealing(2, ''),
      await keyring.sealing(1, ''),
    ].map(({ keysetId }) => keysetId);
    expect(new Set(ids).size).toBe(3);
    expect(ids[3]).toBe(ids[0]);
  });

  test.each<[string, object]>([
    ['tenant', { tenant: 'b' }],
    ['collection', { collection: 2 }],
    ['epoch', { epoch: 2 }],
    ['wrapped key', { wrapped: Buffer.alloc(106) }],
    ['collection, to one that no row can have', { collection: -1 }],
  ])('one with another %s than it was made for does not open', async (_name, change) => {
    const { keysetId } = await keyring.sealing(1, 'a');
    keystore.rows.keysets[0] = { ...keystore.rows.keysets[0]!, ...change };
    await expect(keyring.opening(keysetId, 1)).rejects.toThrow(PV9010);
  });

  test('a destroyed version and one that never was do not open', async () => {
    const { keysetId } = await keyring.sealing(1, 'a');
    await expect(keyring.opening(keysetId, 2)).rejects.toThrow(PV9010);
    keystore.rows.keysets[0] = { ...keystore.rows.keysets[0]!, state: 'destroyed' };
    await expect(keyring.opening(keysetId, 1)).rejects.toThrow(PV9010);
  });

  test('a failure to load is not remembered: the next request tries again', async () => {
    const { keysetId } = await keyring.sealing(1, 'a');
    const row = keystore.rows.keysets[0]!;
    keystore.rows.keysets.length = 0;
    await expect(keyring.opening(keysetId, 1)).rejects.toThrow(PV9010);
    keystore.rows.keysets.push(row);
    await expect(keyring.opening(keysetId, 1)).resolves.toBeDefined();
  });

  test('after a rotation elsewhere new keys are wrapped by the new version, and old rows still open', async () => {
    const place = { tenant: 'a', collection: 1, record: '0b8f8a8c-6a0e-4a0e-9a39-0d5d1f6b6c11' };
    const before = await keyring.sealing(1, 'a');
    const key = before.newObjectKey();
    const fields = [sealField(key, place, 1, 1, '"x"')];
    const state = { revision: 1, fields, expiresAt: null, owner: null };
    const stored = before.wrapObjectKey(key, place, state);

    keystore.rows.keysets[0] = { ...keystore.rows.keysets[0]!, state: 'decrypt_only' };
    keyring.forget();
    const after = await keyring.sealing(1, 'a');
    expect(after.keysetId).not.toBe(before.keysetId);
    const opened = await keyring.opening(stored.keysetId, stored.keysetVersion);
    expect(opened.openObjectKey(stored, place, state).id).toBe(key.id);
  });

  test('rotated, every one has a new active version, however many there are, and no key is used twice', async () => {
    const first = await Promise.all(Array.from({ length: 1_203 }, (_, n) => keyring.sealing(1, `t${n}`)));
    await keyring.rotate();
    const next = await Promise.all(first.map((_, n) => keyring.sealing(1, `t${n}`)));
    expect(next.map(({ keysetId }) => keysetId)).toEqual(first.map(({ keysetId }) => keysetId));
    expect(new Set(next.map(({ version }) => version))).toEqual(new Set([2]));
    const { keysets } = keystore.rows;
    expect(keysets.filter(({ state }) => state === 'active')).toHaveLength(1_203);
    expect(new Set(keysets.map(({ wrapped }) => wrapped.toString('hex'))).size).toBe(2 * 1_203);
  });

  test('one that was not told of a rotation wraps by the version before for five seconds at most', async () => {
    const root = Key.generate();
    const shared = memoryKeystore();
    const [a, b] = [
      await Keyring.unlock(shared, derivedEpochs(root)),
      await Keyring.unlock(shared, derivedEpochs(root)),
    ];
    await a.sealing(1, '');
    await b.sealing(1, '');
    await a.rotate();
    expect((await a.sealing(1, '')).version).toBe(2);
    expect((await b.sealing(1, '')).version).toBe(1);
    await afterwards(4_900, async () => expect((await b.sealing(1, '')).version).toBe(1));
    await afterwards(5_050, async () => expect((await b.sealing(1, '')).version).toBe(2));
  });

  test('one that was destroyed elsewhere opens nothing any more: at once when told, after five seconds when not', async () => {
    const told = await keyring.sealing(1, 'a');
    const untold = await keyring.sealing(1, 'b');
    for (const { keysetId } of [told, untold]) await keyring.opening(keysetId, 1);
    const destroy = (id: string): void => {
      keystore.rows.keysets = keystore.rows.keysets.map((row) =>
        row.keysetId === id ? { ...row, state: 'destroyed', wrapped: Buffer.alloc(0) } : row,
      );
    };
    destroy(told.keysetId);
    keyring.forget();
    await expect(keyring.opening(told.keysetId, 1)).rejects.toThrow(PV9010);

    await keyring.opening(untold.keysetId, 1);
    destroy(untold.keysetId);
    await afterwards(4_900, () => keyring.opening(untold.keysetId, 1));
    await afterwards(5_050, async () => {
      await expect(keyring.opening(untold.keysetId, 1)).rejects.toThrow(PV9010);
      expect((await keyring.sealing(1, 'b')).keysetId).not.toBe(untold.keysetId);
    });
  });

  test('a version that does not open when it is read back stops the rotation', async () => {
    await keyring.sealing(1, 'a');
    const rotate = keystore.rotateKeysets.bind(keystore);
    keystore.rotateKeysets = (after, most, successorOf, check) =>
      rotate(after, most, successorOf, (stored) => check({ ...stored, wrapped: Buffer.alloc(106) }));
    await expect(keyring.rotate()).rejects.toThrow(PV9010);
    expect(keystore.rows.keysets.map(({ version, state }) => [version, state])).toEqual([[1, 'active']]);
  });

  test('the check of the root key creates nothing and fails with another', async () => {
    const root = Key.generate();
    const empty = memoryKeystore();
    await Keyring.verify(empty, derivedEpochs(root));
    expect(empty.rows).toEqual({ epochs: [], lookups: [], keysets: [] });
    await Keyring.unlock(empty, derivedEpochs(root));
    await expect(Keyring.verify(empty, derivedEpochs(root))).resolves.toBeUndefined();
    expect(await refusal(Keyring.verify(empty, derivedEpochs(Key.generate())))).toMatch(/^Wrong root key/);
  });
});
