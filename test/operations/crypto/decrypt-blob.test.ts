import { setClients } from '../../support/iam.js';
import { addCollection, refusal, refused } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { ask, encryptFields } from './support.js';

let vault: TestVault;
let sealed: Buffer;
const BYTES = Buffer.from([0, 1, 0x80, 0xff, 10, 13, 0xc3, 0x28]);
const open = (bytes: Uint8Array, query = '?prop=photo', more: object = {}): Promise<Answer> =>
  ask(vault, 'decryptBlob', bytes, { query, ...more });
beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault, 'users PERSONS ( name NAME NULL, photo BLOB NULL, scan BLOB NULL );');
  await addCollection(vault, 'others PERSONS ( photo BLOB NULL );');
  sealed = (await ask(vault, 'encryptBlob', BYTES, { query: '?prop=photo' })).bytes;
});
afterAll(() => vault.close());

describe('200', () => {
  test('with the same scope, default where none is said', async () => {
    expect((await open(sealed)).bytes).toEqual(BYTES);
    expect((await open(sealed, '?prop=photo&scope=default')).bytes).toEqual(BYTES);
    expect((await open(sealed, '?prop=photo&scope=')).bytes).toEqual(BYTES);
  });

  test('what encrypt made of a blob', async () => {
    const text = await encryptFields(vault, { photo: BYTES.toString('base64'), name: 'x' });
    expect((await open(Buffer.from(text, 'base64'))).bytes).toEqual(BYTES);
  });

  test('an archived one where archived ones are asked for', async () => {
    const encrypted_object = { ciphertext: sealed.toString('base64') };
    const { body } = await ask(vault, 'updateEncrypted', [{ encrypted_object, fields: {} }], {
      query: '?expiration_secs=0',
    });
    const old = Buffer.from((body as [{ ciphertext: string }])[0].ciphertext, 'base64');
    expect((await open(old, '?prop=photo&options=archived')).bytes).toEqual(BYTES);
    expect(refused(await open(old))).toBe('400 PV3233');
    expect(refused(await open(sealed, '?prop=photo&options=archived'))).toBe('400 PV9048');
  });

  test('masked for the role: what the mask leaves of it', async () => {
    const { masked } = await setClients(vault, [
      {
        name: 'masked',
        capabilities: ['CapCryptoDecrypter'],
        allow: [{ operations: ['decrypt'], resources: ['users/properties/photo.mask'] }],
        masks: { 'users/photo': 'mask' },
      },
    ]);
    const answer = await open(sealed, '?prop=photo', { key: masked });
    expect([answer.status, answer.text]).toEqual([200, '<BLOB>']);
  });
});

describe('400', () => {
  const PV9047 = [400, 'PV9047', { field: 'body' }];
  test.each<[string, () => Promise<Answer>]>([
    ['another scope', () => open(sealed, '?prop=photo&scope=x')],
    ['another collection', () => open(sealed, '?prop=photo', { collection: 'others' })],
    ['a changed byte', () => open(Buffer.from(sealed.map((byte, i) => (i === 90 ? byte ^ 1 : byte))))],
    ['a byte too few', () => open(sealed.subarray(0, -1))],
    ['base64 instead of bytes', () => open(Buffer.from(sealed.toString('base64')))],
    ['anything', () => open(Buffer.from('x'))],
  ])('%s', async (_, asking) => expect(refusal(await asking())).toEqual(PV9047));

  test('a property the ciphertext does not hold, or of another type', async () => {
    expect(refused(await open(sealed, '?prop=scan'))).toBe('400 PV9006');
    expect(refused(await open(sealed, '?prop=name'))).toBe('400 PV9006');
    expect(refused(await open(sealed, ''))).toBe('400 PV1012');
  });
});

test('401 without a key', async () =>
  expect(refused(await open(sealed, '?prop=photo', { key: null }))).toBe('401 PV1005'));

test('403 without a policy, whatever the bytes are', async () => {
  const { clerk } = await setClients(vault, [
    {
      name: 'clerk',
      capabilities: ['CapCryptoDecrypter'],
      allow: [{ operations: ['decrypt'], resources: ['users/properties/scan'] }],
    },
  ]);
  for (const bytes of [sealed, Buffer.from('x')]) {
    expect(refused(await open(bytes, '?prop=photo', { key: clerk }))).toBe('403 PV1006');
  }
});

test('404 for an unknown property or collection', async () => {
  expect(refused(await open(sealed, '?prop=nothing'))).toBe('404 PV3004');
  expect(refused(await open(sealed, '?prop=photo.mask'))).toBe('404 PV3004');
  expect(refused(await open(sealed, '?prop=photo', { collection: 'x' }))).toBe('404 PV1004');
});
