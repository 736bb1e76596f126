import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

const PATH = '/system/info/kms';
const status = async (vault: TestVault): Promise<unknown> => (await vault.send('GET', PATH)).body;

describe('a root key in a file', () => {
  let vault: TestVault;
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'coatcheck-kms-'));
    file = path.join(folder, 'root.key');
    await writeFile(file, `${'5a'.repeat(32)}\n`);
    vault = await startVault({ COATCHECK_KMS_KEY: '', COATCHECK_KMS_KEY_FILE: file });
  });
  afterAll(async () => {
    await vault.close();
    await rm(folder, { recursive: true });
  });

  test('200: it answers while the file and the epochs beside it are there', async () => {
    expect(await status(vault)).toEqual({ kms: { type: 'LOCAL', status: 'pass' } });
  });

  test('200: it fails while the file is away, and none is made in its place; the vault goes on with what it has open', async () => {
    await rename(file, `${file}.away`);
    expect(await status(vault)).toEqual({ kms: { type: 'LOCAL', status: 'fail' } });
    await expect(readFile(file)).rejects.toThrow();
    expect((await vault.send('GET', '/ctl/collections')).status).toBe(200);
    await rename(`${file}.away`, file);
    expect(await status(vault)).toEqual({ kms: { type: 'LOCAL', status: 'pass' } });
  });

  test('200: it fails with another root key', async () => {
    const own = await readFile(file);
    await writeFile(file, '5b'.repeat(32));
    expect(await status(vault)).toEqual({ kms: { type: 'LOCAL', status: 'fail' } });
    await writeFile(file, own);
  });

  test('200: it fails with the epochs of another vault, and says nothing about why', async () => {
    const epochs = await readFile(`${file}.epochs`);
    await writeFile(`${file}.epochs`, '{}');
    const answer = await vault.send('GET', PATH);
    expect(answer.body).toEqual({ kms: { type: 'LOCAL', status: 'fail' } });
    expect(answer.text).not.toContain(folder);
    await writeFile(`${file}.epochs`, epochs);
    expect(await status(vault)).toEqual({ kms: { type: 'LOCAL', status: 'pass' } });
  });
});

describe('a root key that development made by itself', () => {
  test('200: it fails when the file is gone, and asking does not make another one', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'coatcheck-kms-'));
    const vault = await startVault({ COATCHECK_KMS_KEY: '', COATCHECK_DATA_DIR: folder });
    const file = path.join(folder, 'keys', 'root.key');
    expect(await status(vault)).toEqual({ kms: { type: 'LOCAL', status: 'pass' } });
    await rm(file);
    expect(await status(vault)).toEqual({ kms: { type: 'LOCAL', status: 'fail' } });
    await expect(readFile(file)).rejects.toThrow();
    await vault.close();
    await rm(folder, { recursive: true });
  });
});

test('403: only with the capability, PV1007; 401: not without a key', async () => {
  const vault = await startVault();
  const keys = await setClients(vault, [
    { name: 'reader', capabilities: ['CapKMSReader'] },
    { name: 'info', capabilities: ['CapInfoReader'] },
  ]);
  expect((await vault.send('GET', PATH, { key: keys.reader! })).status).toBe(200);
  expect(refused(await vault.send('GET', PATH, { key: keys.info! }))).toBe('403 PV1007');
  expect(refused(await vault.send('GET', PATH, { key: null }))).toBe('401 PV1005');
  await vault.close();
});
