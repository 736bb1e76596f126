import { setClients } from '../../support/iam.js';
import { addCollection, refusal, refused } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { ask, decrypted, encryptFields } from './support.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

type More = Parameters<typeof ask>[3];
const update = (ciphertext: string, item: object, more: More & { scope?: string } = {}): Promise<Answer> => {
  const { scope, ...sent } = more;
  const encrypted_object = { ciphertext, ...(scope !== undefined && { scope }) };
  return ask(vault, 'updateEncrypted', [{ encrypted_object, fields: {}, ...item }], sent);
};
const updated = async (...args: Parameters<typeof update>): Promise<string> => {
  const { body } = await update(...args);
  return (body as [{ ciphertext: string }])[0].ciphertext;
};
const metadata = async (ciphertext: string, scope = 'default', query = ''): Promise<unknown> => {
  const json = [{ encrypted_object: { ciphertext, scope } }];
  const answer = await ask(vault, 'decrypt', json, { query: `?options=include_metadata${query}` });
  return answer.body[0].metadata;
};

describe('200', () => {
  test('old values are kept, new ones put over them, null takes one away, and nothing is revealed', async () => {
    const old = await encryptFields(vault, { name: 'Ann', ssn: '123-12-1234', email: 'a@b.co' });
    const answer = await update(old, {
      fields: { phone_number: '+972-54-1234567', name: 'Bea', email: null },
    });
    expect(Object.keys(answer.body[0])).toEqual(['ciphertext']);
    expect(answer.text).not.toMatch(/Ann|Bea|123-12/);
    expect(await decrypted(vault, answer.body[0].ciphertext)).toEqual({
      name: 'Bea',
      ssn: '123-12-1234',
      phone_number: '+972541234567',
    });
    expect(await decrypted(vault, old)).toEqual({ name: 'Ann', ssn: '123-12-1234', email: 'a@b.co' });
  });

  test('type, scope and tags stay unless another is said; the tags always', async () => {
    const old = await encryptFields(vault, { name: 'Ann' }, { tags: ['x'], scope: 's' });
    const same = await updated(old, {}, { scope: 's' });
    expect(await metadata(same, 's')).toEqual({
      type: 'randomized',
      scope: 's',
      tags: ['x'],
      expiration: null,
    });
    const moved = await updated(old, { scope: 't' }, { scope: 's' });
    expect(await decrypted(vault, moved, { scope: 's' })).toBe('400 PV9047');
    expect(await decrypted(vault, moved, { scope: 't' })).toEqual({ name: 'Ann' });
    const fixed = await encryptFields(vault, { name: 'Ann' }, { type: 'deterministic' });
    expect(await updated(fixed, {})).toBe(fixed);
    expect(await metadata(await updated(fixed, { type: 'randomized' }))).toMatchObject({
      type: 'randomized',
    });
  });

  test('a change to deterministic gives what encrypting the values gives', async () => {
    const old = await encryptFields(vault, { name: 'Ann', email: 'a@b.co' });
    const made = await updated(old, { type: 'deterministic', fields: { name: 'Bea' } });
    expect(made).toBe(
      await encryptFields(vault, { email: 'a@b.co', name: 'Bea' }, { type: 'deterministic' }),
    );
  });

  test('props say what the new ciphertext holds', async () => {
    const old = await encryptFields(vault, { name: 'Ann', ssn: '123-12-1234' });
    const made = await updated(old, { fields: { email: 'a@b.co' }, props: ['name', 'email', 'birthday'] });
    expect(await decrypted(vault, made)).toEqual({ name: 'Ann', email: 'a@b.co' });
  });

  test('expiry: absent leaves it, empty is never, 0 is now, a number counts from now', async () => {
    const old = await encryptFields(vault, { name: 'x' }, {}, { query: '?expiration_secs=60' });
    const before = await metadata(old);
    expect(await metadata(await updated(old, {}))).toEqual(before);
    expect(await metadata(await updated(old, {}, { query: '?expiration_secs=' }))).toMatchObject({
      expiration: null,
    });
    expect(await metadata(await updated(old, {}, { query: '?expiration_secs=600' }))).not.toEqual(before);
    const archived = await updated(old, {}, { query: '?expiration_secs=0' });
    expect(await decrypted(vault, archived)).toBe('400 PV3233');
    const restored = await updated(archived, {}, { query: '?expiration_secs=&options=archived' });
    expect(await decrypted(vault, restored)).toEqual({ name: 'x' });
  });

  test('what belongs to a tenant stays there', async () => {
    const old = await encryptFields(vault, { name: 'x', _tenant_id: 'a' });
    const made = await updated(old, { fields: { email: 'a@b.co', _tenant_id: 'a' } });
    expect(await decrypted(vault, made, {}, { headers: { 'x-tenant-id': 'b' } })).toBe('400 PV9047');
    expect(await decrypted(vault, made, {}, { headers: { 'x-tenant-id': 'a' } })).toEqual({
      name: 'x',
      email: 'a@b.co',
    });
  });

  test('nothing asked is nothing answered', async () =>
    expect((await ask(vault, 'updateEncrypted', [])).body).toEqual([]));
});

describe('400', () => {
  test('what does not open, has expired, or has not', async () => {
    const live = await encryptFields(vault, { name: 'x' });
    const context = { field: 'body[0].encrypted_object' };
    expect(refusal(await update(live, {}, { scope: 'other' }))).toEqual([400, 'PV9047', context]);
    expect(refusal(await update(live, {}, { query: '?options=archived' }))).toEqual([400, 'PV9048', context]);
    const old = await updated(live, {}, { query: '?expiration_secs=0' });
    expect(refusal(await update(old, {}))).toEqual([400, 'PV3233', context]);
  });

  test('tags cannot become deterministic, a tenant cannot change, a value must be valid', async () => {
    const tagged = await encryptFields(vault, { name: 'x' }, { tags: ['x'] });
    expect(refused(await update(tagged, { type: 'deterministic' }))).toBe('400 PV9006');
    expect(refused(await update(tagged, { fields: { _tenant_id: 'a' } }))).toBe('400 PV9006');
    expect(refused(await update(tagged, { fields: { ssn: 'x' } }))).toBe('400 PV3002');
  });

  test('one bad item refuses all', async () => {
    const good = { encrypted_object: { ciphertext: await encryptFields(vault, { name: 'x' }) }, fields: {} };
    const bad = { ...good, encrypted_object: { ciphertext: 'AAAA' } };
    expect(refused(await ask(vault, 'updateEncrypted', [good, bad]))).toBe('400 PV9047');
  });
});

test('401 without a key', async () =>
  expect(refused(await ask(vault, 'updateEncrypted', [], { key: null }))).toBe('401 PV1005'));

describe('403', () => {
  let keys: Record<string, string>;
  let ciphertext: string;
  beforeAll(async () => {
    ciphertext = await encryptFields(vault, { name: 'Ann', ssn: '123-12-1234' });
    const capabilities = ['CapCryptoEncrypter', 'CapCryptoDecrypter'];
    const allow = (operations: string[]): { operations: string[]; resources: string[] }[] => [
      { operations, resources: ['users/properties/*'] },
    ];
    keys = await setClients(vault, [
      { name: 'both', capabilities, allow: allow(['encrypt', 'decrypt']) },
      { name: 'encrypter', capabilities, allow: allow(['encrypt']) },
      { name: 'decrypter', capabilities, allow: allow(['decrypt']) },
      {
        name: 'masked',
        capabilities,
        allow: [
          ...allow(['encrypt', 'decrypt']),
          { operations: ['*'], resources: ['users/properties/ssn.mask'] },
        ],
        masks: { 'users/ssn': 'mask' },
      },
      { name: 'half', capabilities: ['CapCryptoEncrypter'], allow: allow(['encrypt', 'decrypt']) },
    ]);
  });
  const as = (user: string, item: object = {}): Promise<string> =>
    update(ciphertext, item, { key: keys[user]! }).then(refused);

  test('policies to encrypt and to decrypt are needed', async () => {
    expect(await as('both')).toBe('200 ');
    expect(await as('encrypter')).toBe('403 PV1006');
    expect(await as('decrypter')).toBe('403 PV1006');
  });

  test('a property masked for the role is neither kept nor given anew', async () => {
    expect(await as('masked')).toBe('403 PV1006');
    expect(await as('masked', { props: ['name'] })).toBe('200 ');
    expect(await as('masked', { props: ['name'], fields: { ssn: '123-12-1235' } })).toBe('403 PV1006');
  });

  test('both capabilities are needed', async () => expect(await as('half')).toBe('403 PV1007'));
});

describe('404', () => {
  test.each<[string, object]>([
    ['an unknown property', { fields: { nothing: 1 } }],
    ['an unknown property in props', { props: ['nothing'] }],
  ])('%s', async (_, item) => expect(refused(await update('AAAA', item))).toBe('404 PV3004'));

  test('an unknown collection', async () =>
    expect(refused(await ask(vault, 'updateEncrypted', [], { collection: 'nothing' }))).toBe('404 PV1004'));
});
