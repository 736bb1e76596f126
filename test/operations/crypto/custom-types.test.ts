import { addBundle, addType } from '../../support/bundles.js';
import { addCollection, addObject, detokenize, refusal, refused, tokenize } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { ask, decrypted, encryptFields } from './support.js';

/** Custom data types in ciphertexts, and as what the built-in type below them is wanted for. */
const CODE = `
exports.formal = { type: 'transformer', handler: (context, object, value) => context.param + ' ' + value };
exports.size = { type: 'transformer', handler: (context, object, value) => value.length };
exports.short = { type: 'validator', handler: (value) => value.length <= 8 };
exports.stamped = { type: 'normalizer', handler: (value) => 'AAAA' + value };
`;
const BYTES = Buffer.from([0, 255, 128, 10, 13]);
let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
  await addBundle(vault, 'b', CODE);
  await addType(vault, { name: 'TITLED', base_type_name: 'NAME', transformers: ['b.formal'] });
  await addType(vault, {
    name: 'PHOTO',
    base_type_name: 'BLOB',
    transformers: ['b.size'],
    validator: 'b.short',
  });
  await addType(vault, { name: 'STAMPED', base_type_name: 'BLOB', normalizer: 'b.stamped' });
  await addType(vault, { name: 'CARD', base_type_name: 'CC_NUMBER' });
  await addCollection(
    vault,
    'users PERSONS ( name TITLED NULL, photo PHOTO NULL, stamped STAMPED NULL, card CARD NULL, plain NAME NULL );',
  );
});
afterAll(() => vault.close());

test('the parameter of the request reaches transformers when a ciphertext is opened', async () => {
  const ciphertext = await encryptFields(vault, { name: 'Ann' });
  const item = { encrypted_object: { ciphertext }, props: ['name', 'name.formal'] };
  const answer = await ask(vault, 'decrypt', [item], { headers: { 'x-trans-param': 'Dr.' } });
  expect(answer.body).toEqual([{ fields: { name: 'Ann', 'name.formal': 'Dr. Ann' } }]);
  const without = await ask(vault, 'decrypt', [item]);
  expect(without.body[0].fields['name.formal']).toBe('undefined Ann');
});

describe('a type based on BLOB', () => {
  const blob = (operation: 'encryptBlob' | 'decryptBlob', prop: string, body: Uint8Array): Promise<Answer> =>
    ask(vault, operation, body, { query: `?prop=${prop}` });

  test('takes raw bytes and gives them back, and is the same value in JSON', async () => {
    const { bytes } = await blob('encryptBlob', 'photo', BYTES);
    expect((await blob('decryptBlob', 'photo', bytes)).bytes).toEqual(BYTES);
    const text = BYTES.toString('base64');
    expect(await decrypted(vault, bytes.toString('base64'))).toEqual({ photo: text });
    const props = ['photo.size'];
    expect(await decrypted(vault, bytes.toString('base64'), { props })).toEqual({ 'photo.size': 8 });
    const sealed = Buffer.from(await encryptFields(vault, { photo: text }), 'base64');
    expect((await blob('decryptBlob', 'photo', sealed)).bytes).toEqual(BYTES);
    // Bytes, not their base64: a third shorter.
    expect(sealed.length).toBe(bytes.length);
  });

  test('has its functions run on raw bytes as on any value', async () => {
    expect(refusal(await blob('encryptBlob', 'photo', Buffer.alloc(9)))).toEqual([
      400,
      'PV3002',
      expect.objectContaining({ property: 'photo' }),
    ]);
    const { bytes } = await blob('encryptBlob', 'stamped', Buffer.from([1, 2, 3]));
    expect([...(await blob('decryptBlob', 'stamped', bytes)).bytes]).toEqual([0, 0, 0, 1, 2, 3]);
  });

  test('is tokenized from a ciphertext, an object and fields to one value', async () => {
    const photo = BYTES.toString('base64');
    const id = await addObject(vault, { photo });
    const { bytes } = await blob('encryptBlob', 'photo', BYTES);
    const inputs = [{ id }, { fields: { photo } }, { encrypted: { ciphertext: bytes.toString('base64') } }];
    const ids = await Promise.all(
      inputs.map((object) => tokenize(vault, { type: 'deterministic', object, props: ['photo'] })),
    );
    expect(new Set(ids).size).toBe(1);
    const [{ fields }] = (await detokenize(vault, `token_ids=${ids[0]}&object_ids=${id}`)) as [
      { fields: unknown },
    ];
    expect(fields).toEqual({ photo });
  });

  test('others still take no raw bytes', async () =>
    expect(refused(await blob('encryptBlob', 'plain', BYTES))).toBe('400 PV9006'));
});

test('a type based on CC_NUMBER gives ids in the form of card numbers', async () => {
  const card = '4929123412341232';
  const template = { fptemplate: 'primary_account_number', fpprops: ['card'] };
  for (const type of ['pci', 'deterministic']) {
    const id = await tokenize(vault, { type, object: { fields: { card } }, ...template });
    expect(id).toMatch(/^492912\d{6}1232$/);
  }
  const item = { object: { fields: { plain: 'x' } }, ...template, fpprops: ['plain'] };
  const answer = await vault.send('POST', '/data/collections/users/hash/objects', { json: [item] });
  expect(refused(answer)).toBe('400 PV9006');
});
