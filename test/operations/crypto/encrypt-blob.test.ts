import { randomBytes } from 'node:crypto';
import { setClients } from '../../support/iam.js';
import { addCollection, refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { ask, decrypted, encryptFields } from './support.js';

let vault: TestVault;
const BYTES = Buffer.from([0, 1, 0x80, 0xff, 10, 13, 0xc3, 0x28]);
beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault, 'users PERSONS ( name NAME NULL, photo BLOB NULL, scan BLOB NULL );');
});
afterAll(() => vault.close());

describe('200', () => {
  test('bytes come back as they went in, whatever they are', async () => {
    for (const bytes of [BYTES, Buffer.of(0), randomBytes(100_000)]) {
      const sealed = await ask(vault, 'encryptBlob', bytes, { query: '?prop=photo' });
      expect([sealed.status, sealed.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
      expect(sealed.headers.get('content-length')).toBe(String(sealed.bytes.length));
      expect(sealed.bytes.includes(bytes.length > 4 ? bytes : 'photo')).toBe(false);
      const back = await ask(vault, 'decryptBlob', sealed.bytes, { query: '?prop=photo' });
      expect(back.headers.get('content-type')).toBe('application/octet-stream');
      expect(back.bytes.equals(bytes)).toBe(true);
    }
  });

  test('the largest blob goes through both', async () => {
    const bytes = randomBytes(5_000_000);
    const sealed = await ask(vault, 'encryptBlob', bytes, { query: '?prop=photo' });
    const back = await ask(vault, 'decryptBlob', sealed.bytes, { query: '?prop=photo' });
    expect(back.bytes.equals(bytes)).toBe(true);
  });

  test('it is the ciphertext that the other operations know', async () => {
    const sealed = await ask(vault, 'encryptBlob', BYTES, { query: '?prop=photo&type=deterministic' });
    const text = await encryptFields(vault, { photo: BYTES.toString('base64') }, { type: 'deterministic' });
    expect(sealed.bytes.toString('base64')).toBe(text);
    expect(await decrypted(vault, text)).toEqual({ photo: BYTES.toString('base64') });
  });

  test('scope, tags and expiry are bound into it', async () => {
    const query = '?prop=photo&scope=s&tags=a,b&expiration_secs=60';
    const { bytes } = await ask(vault, 'encryptBlob', BYTES, { query });
    const json = [{ encrypted_object: { ciphertext: bytes.toString('base64'), scope: 's' } }];
    const { body } = await ask(vault, 'decrypt', json, { query: '?options=include_metadata' });
    expect(body[0].metadata).toEqual({
      type: 'randomized',
      scope: 's',
      tags: ['a', 'b'],
      expiration: expect.stringMatching(/Z$/),
    });
  });
});

describe('400', () => {
  test.each([
    ['no property', ''],
    ['a property of another type', '?prop=name'],
    ['a built-in one', '?prop=id'],
    ['another type of encryption', '?prop=photo&type=pci'],
    ['tags with deterministic', '?prop=photo&type=deterministic&tags=x'],
    ['an expiry of 0', '?prop=photo&expiration_secs=0'],
  ])('%s', async (_, query) => {
    expect((await ask(vault, 'encryptBlob', BYTES, { query })).status).toBe(400);
  });

  test('more tags than there may be', async () => {
    const query = '?prop=photo&tags=a,b,c,d,e,f,g,h,i,j,k';
    expect(refused(await ask(vault, 'encryptBlob', BYTES, { query }))).toBe('400 PV9007');
  });

  test('more than db.max_blob_length', async () => {
    const small = await startVault({ COATCHECK_DB_MAX_BLOB_LENGTH: '1000' }, vault.database);
    try {
      const query = '?prop=photo';
      expect((await ask(small, 'encryptBlob', Buffer.alloc(1000), { query })).status).toBe(200);
      expect(refused(await ask(small, 'encryptBlob', Buffer.alloc(1001), { query }))).toBe('400 PV3002');
    } finally {
      await small.close();
    }
  });

  test('no bytes at all', async () =>
    expect(refused(await ask(vault, 'encryptBlob', Buffer.alloc(0), { query: '?prop=photo' }))).toBe(
      '400 PV1012',
    ));
});

test('401 without a key', async () =>
  expect(refused(await ask(vault, 'encryptBlob', BYTES, { query: '?prop=photo', key: null }))).toBe(
    '401 PV1005',
  ));

test('403 without a policy, and for a property that is masked for the role', async () => {
  const capabilities = ['CapCryptoEncrypter'];
  const allow = [{ operations: ['encrypt'], resources: ['users/properties/photo'] }];
  const keys = await setClients(vault, [
    { name: 'plain', capabilities, allow },
    { name: 'masked', capabilities, allow, masks: { 'users/photo': 'mask' } },
  ]);
  const as = async (key: string | undefined, prop: string): Promise<string> =>
    refused(await ask(vault, 'encryptBlob', BYTES, { query: `?prop=${prop}`, key: key! }));
  expect(await as(keys.plain, 'photo')).toBe('200 ');
  expect(await as(keys.plain, 'scan')).toBe('403 PV1006');
  expect(await as(keys.masked, 'photo')).toBe('403 PV1006');
});

test('404 for an unknown property or collection', async () => {
  expect(refused(await ask(vault, 'encryptBlob', BYTES, { query: '?prop=nothing' }))).toBe('404 PV3004');
  expect(refused(await ask(vault, 'encryptBlob', BYTES, { query: '?prop=photo', collection: 'x' }))).toBe(
    '404 PV1004',
  );
});

test('413 past the body limit', async () =>
  expect(refused(await ask(vault, 'encryptBlob', Buffer.alloc(6_291_457), { query: '?prop=photo' }))).toBe(
    '413 PV9014',
  ));

test('415 for bytes that say they are JSON', async () =>
  expect(
    refused(await vault.send('POST', '/data/collections/users/encrypt/blob?prop=photo', { json: {} })),
  ).toBe('415 PV9015'));
