import { setClients } from '../../support/iam.js';
import { addCollection, refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { ask, decrypted, encryptFields } from './support.js';

let vault: TestVault;
const SSN = '123-12-1234';
beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'others PERSONS ( ssn SSN NULL, name NAME NULL );');
});
afterAll(() => vault.close());

/** An expired ciphertext: made valid, then archived at once. */
async function expired(fields: object): Promise<string> {
  const update = { encrypted_object: { ciphertext: await encryptFields(vault, fields) }, fields: {} };
  const { body } = await ask(vault, 'updateEncrypted', [update], { query: '?expiration_secs=0' });
  return (body as [{ ciphertext: string }])[0].ciphertext;
}

describe('200', () => {
  test('props choose and transform, plain and masked in one request, under the names asked for', async () => {
    const ciphertext = await encryptFields(vault, { email: 'ann@b.co', ssn: SSN, birthday: '1990-05-06' });
    expect(await decrypted(vault, ciphertext, { props: ['email', 'email.mask', 'name'] })).toEqual({
      email: 'ann@b.co',
      'email.mask': 'a**@b.co',
    });
    expect(await decrypted(vault, ciphertext, { props: ['birthday.age', 'ssn.mask'] })).toEqual({
      'birthday.age': expect.any(Number),
      'ssn.mask': '***-**-1234',
    });
    expect(await decrypted(vault, ciphertext, { props: ['name', 'ssn.token'] })).toEqual({});
    expect(await decrypted(vault, ciphertext, { props: [] })).toEqual({
      email: 'ann@b.co',
      ssn: SSN,
      birthday: '1990-05-06',
    });
  });

  test('each item gets what it asks for and nothing that another one asked for', async () => {
    const ciphertext = await encryptFields(vault, { email: 'ann@b.co', ssn: SSN });
    const encrypted_object = { ciphertext };
    const { body } = await ask(vault, 'decrypt', [
      { encrypted_object, props: ['ssn.mask'] },
      { encrypted_object, props: ['email'] },
      { encrypted_object },
    ]);
    expect(body).toEqual([
      { fields: { 'ssn.mask': '***-**-1234' } },
      { fields: { email: 'ann@b.co' } },
      { fields: { email: 'ann@b.co', ssn: SSN } },
    ]);
  });

  test('a missing or empty scope means default', async () => {
    const ciphertext = await encryptFields(vault, { ssn: SSN }, { scope: 'default' });
    for (const scope of [undefined, '', 'default']) {
      expect(await decrypted(vault, ciphertext, scope === undefined ? {} : { scope })).toEqual({ ssn: SSN });
    }
    const scoped = await encryptFields(vault, { ssn: SSN }, { scope: 'größe 😀' });
    expect(await decrypted(vault, scoped, { scope: 'größe 😀' })).toEqual({ ssn: SSN });
  });

  test('metadata only where it is asked for', async () => {
    const tags = ['b', 'a', 'b'];
    const ciphertext = await encryptFields(
      vault,
      { ssn: SSN },
      { tags, scope: 's' },
      { query: '?expiration_secs=60' },
    );
    const json = [{ encrypted_object: { ciphertext, scope: 's' } }];
    const { body } = await ask(vault, 'decrypt', json, { query: '?options=include_metadata' });
    expect(body).toEqual([
      {
        fields: { ssn: SSN },
        metadata: {
          type: 'randomized',
          scope: 's',
          tags: ['b', 'a'],
          expiration: expect.stringMatching(/Z$/),
        },
      },
    ]);
    const left = Date.parse(body[0].metadata.expiration) - Date.now();
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
    expect((await ask(vault, 'decrypt', json)).body).toEqual([{ fields: { ssn: SSN } }]);
  });

  test('with options=archived what has expired, and only that', async () => {
    const [old, live] = [await expired({ ssn: SSN }), await encryptFields(vault, { ssn: SSN })];
    expect(await decrypted(vault, old, {}, { query: '?options=archived' })).toEqual({ ssn: SSN });
    expect(await decrypted(vault, old)).toBe('400 PV3233');
    expect(await decrypted(vault, live, {}, { query: '?options=archived' })).toBe('400 PV9048');
  });

  test('X-Trans-Param is taken', async () => {
    const ciphertext = await encryptFields(vault, { ssn: SSN });
    const headers = { 'x-trans-param': 'anything' };
    expect(await decrypted(vault, ciphertext, { props: ['ssn.mask'] }, { headers })).toEqual({
      'ssn.mask': '***-**-1234',
    });
  });

  test('nothing asked is nothing answered', async () =>
    expect((await ask(vault, 'decrypt', [])).body).toEqual([]));

  test('a property deleted since is left out, and its name given to another shows nothing old', async () => {
    await addCollection(vault, 'fading PERSONS ( a STRING NULL, b STRING NULL );');
    const more = { collection: 'fading' };
    const ciphertext = await encryptFields(vault, { a: 'old', b: 'kept' }, {}, more);
    const alone = await encryptFields(vault, { a: 'old' }, {}, more);
    await vault.send('DELETE', '/ctl/collections/fading/properties/a');
    expect(await decrypted(vault, ciphertext, {}, more)).toEqual({ b: 'kept' });
    expect(await decrypted(vault, alone, {}, more)).toEqual({});
    await vault.send('POST', '/ctl/collections/fading/properties/a', {
      json: { name: 'a', data_type_name: 'STRING', is_nullable: true },
    });
    expect(await decrypted(vault, ciphertext, {}, more)).toEqual({ b: 'kept' });
  });

  test('after a rotation what was sealed before still opens, and equality ends', async () => {
    await addCollection(vault, 'rotated PERSONS ( ssn SSN NULL );');
    const [item, more] = [{ type: 'deterministic' }, { collection: 'rotated' }];
    const before = await encryptFields(vault, { ssn: SSN }, item, more);
    await sql(
      vault,
      `update keystore.keyset_version set state = 'decrypt_only' where collection_id = (select id from collection where name = 'rotated')`,
    );
    // The state of another instance, which has no key in memory yet.
    const other = await startVault({}, vault.database);
    try {
      const after = await encryptFields(other, { ssn: SSN }, item, more);
      expect(after).not.toBe(before);
      expect(await encryptFields(other, { ssn: SSN }, item, more)).toBe(after);
      for (const each of [before, after]) {
        expect(await decrypted(other, each, {}, more)).toEqual({ ssn: SSN });
        expect(await decrypted(vault, each, {}, more)).toEqual({ ssn: SSN });
      }
    } finally {
      await other.close();
    }
  });
});

describe('one error for whatever does not open: 400 PV9047 with the same body', () => {
  const open = (ciphertext: string, item: object = {}, more: object = {}): Promise<Answer> =>
    ask(vault, 'decrypt', [{ encrypted_object: { ciphertext, ...item } }], more);
  const bodies = new Set<string>();
  let ciphertext: string;
  beforeAll(async () => {
    ciphertext = await encryptFields(vault, { ssn: SSN }, { scope: 's', type: 'deterministic' });
    expect((await open(ciphertext, { scope: 's' })).status).toBe(200);
  });

  test.each<[string, () => Promise<Answer>]>([
    ['another scope', () => open(ciphertext, { scope: 'S' })],
    ['no scope', () => open(ciphertext)],
    ['another collection', () => open(ciphertext, { scope: 's' }, { collection: 'others' })],
    ['another tenant', () => open(ciphertext, { scope: 's' }, { headers: { 'x-tenant-id': 't' } })],
    ['nothing', () => open('', { scope: 's' })],
    ['no base64', () => open('*'.repeat(200), { scope: 's' })],
    ['base64 without its padding', () => open(ciphertext.replace(/=+$/, '').slice(0, -1), { scope: 's' })],
    ['URL base64', () => open(`${ciphertext.slice(0, -8)}-_-_${ciphertext.slice(-4)}`, { scope: 's' })],
    ['base64 with a line break', () => open(`${ciphertext}\n`, { scope: 's' })],
    ['an unknown keyset', () => open(changed(ciphertext, 5), { scope: 's' })],
    ['an unknown version', () => open(changed(ciphertext, 22), { scope: 's' })],
    ['an expired one at another scope', async () => open(await expired({ ssn: SSN }), { scope: 'x' })],
  ])('%s', async (_, asking) => {
    const answer = await asking();
    expect(refusal(answer)).toEqual([400, 'PV9047', { field: 'body[0].encrypted_object' }]);
    bodies.add(answer.text);
    expect(bodies.size).toBe(1);
  });

  test('any byte changed, any length cut', async () => {
    const bytes = Buffer.from(ciphertext, 'base64');
    for (let i = 0; i < bytes.length; i += i < 23 ? 1 : 5) {
      expect(refused(await open(changed(ciphertext, i), { scope: 's' }))).toBe('400 PV9047');
      const cut = bytes.subarray(0, i).toString('base64');
      expect(refused(await open(cut, { scope: 's' }))).toBe('400 PV9047');
    }
  });

  test('a keyset version that was destroyed, or changed in its row', async () => {
    await addCollection(vault, 'doomed PERSONS ( ssn SSN NULL );');
    const more = { collection: 'doomed' };
    const dead = await encryptFields(vault, { ssn: SSN }, {}, more);
    const [row] = (await sql(
      vault,
      `select k.wrapped from keystore.keyset_version k join collection c on c.id = k.collection_id where c.name = 'doomed'`,
    )) as { wrapped: Buffer }[];
    for (const [set, value] of [
      [`state = $1`, 'destroyed'],
      [
        `state = 'active', wrapped = $1`,
        Buffer.concat([row!.wrapped.subarray(0, -1), Buffer.of(row!.wrapped.at(-1)! ^ 1)]),
      ],
    ] as const) {
      await sql(
        vault,
        `update keystore.keyset_version set ${set} where collection_id = (select id from collection where name = 'doomed')`,
        [value],
      );
      const fresh = await startVault({}, vault.database);
      try {
        const answer = await ask(fresh, 'decrypt', [{ encrypted_object: { ciphertext: dead } }], more);
        expect(answer.text).toBe([...bodies][0]);
      } finally {
        await fresh.close();
      }
    }
  });

  test('is counted for the operator', async () => {
    const count = async (): Promise<number> => {
      const metrics = await (await fetch(`${vault.url}/metrics`)).text();
      return Number(/^decryption_failures_total (\d+)$/m.exec(metrics)?.[1]);
    };
    const before = await count();
    await open(ciphertext, { scope: 'x' });
    await open(ciphertext, { scope: 's' });
    expect(await count()).toBe(before + 1);
  });

  test('one that does not open refuses all', async () => {
    const good = { encrypted_object: { ciphertext, scope: 's' } };
    const answer = await ask(vault, 'decrypt', [good, { encrypted_object: { ciphertext } }, good]);
    expect(refusal(answer)).toEqual([400, 'PV9047', { field: 'body[1].encrypted_object' }]);
    expect(answer.text).not.toContain(SSN);
  });
});

/** The ciphertext with one byte changed. */
function changed(ciphertext: string, at: number): string {
  const bytes = Buffer.from(ciphertext, 'base64');
  bytes[at]! ^= 0x84;
  return bytes.toString('base64');
}

test('401 without a key', async () =>
  expect(refused(await ask(vault, 'decrypt', [], { key: null }))).toBe('401 PV1005'));

describe('403', () => {
  let keys: Record<string, string>;
  let ciphertext: string;
  beforeAll(async () => {
    ciphertext = await encryptFields(vault, { ssn: SSN, name: 'Ann Bee', email: 'ann@b.co' });
    const capabilities = ['CapCryptoDecrypter'];
    const allow = (...names: string[]): { operations: string[]; resources: string[] }[] => [
      { operations: ['decrypt'], resources: names.map((name) => `users/properties/${name}`) },
    ];
    keys = await setClients(vault, [
      { name: 'plain', capabilities, allow: allow('ssn', 'name') },
      { name: 'masked', capabilities, allow: allow('ssn.mask', 'name'), masks: { 'users/ssn': 'mask' } },
      { name: 'barred', capabilities, allow: allow('ssn', 'name'), masks: { 'users/ssn': 'mask' } },
      {
        name: 'nowhere',
        capabilities,
        allow: [{ operations: ['decrypt'], resources: ['others/properties/*'] }],
      },
      { name: 'writer', capabilities: ['CapCryptoEncrypter'], allow: allow('*') },
    ]);
  });
  const as = (user: string, props?: string[], text = ciphertext): Promise<unknown> =>
    decrypted(vault, text, props ? { props } : {}, { key: keys[user]! });

  test('every property in the ciphertext, or every one asked for, needs a policy', async () => {
    expect(await as('plain')).toBe('403 PV1006');
    expect(await as('plain', ['ssn', 'name'])).toEqual({ ssn: SSN, name: 'Ann Bee' });
    expect(await as('plain', ['ssn.mask'])).toBe('403 PV1006');
    expect(await as('plain', ['email'])).toBe('403 PV1006');
  });

  test('a property masked for the role is shown masked under its plain name, and in no other way', async () => {
    expect(await as('masked', ['ssn', 'name'])).toEqual({ ssn: '***-**-1234', name: 'Ann Bee' });
    expect(await as('masked', ['ssn.mask', 'ssn'])).toEqual({
      'ssn.mask': '***-**-1234',
      ssn: '***-**-1234',
    });
    const only = await encryptFields(vault, { ssn: SSN });
    expect(await as('masked', undefined, only)).toEqual({ ssn: '***-**-1234' });
    expect(await as('barred', ['ssn'])).toBe('403 PV1006');
  });

  test('who could be granted nothing here is refused before anything is opened', async () => {
    expect(await as('nowhere', ['ssn'])).toBe('403 PV1006');
    expect(await as('nowhere', ['ssn'], 'AAAA')).toBe('403 PV1006');
  });

  test('without the capability', async () => expect(await as('writer', ['ssn'])).toBe('403 PV1007'));

  test('an Admin that may not read data', async () => {
    const strict = await startVault({ COATCHECK_SERVICE_ADMIN_MAY_READ_DATA: 'false' }, vault.database);
    try {
      expect(await decrypted(strict, ciphertext)).toBe('403 PV1006');
    } finally {
      await strict.close();
    }
  });

  test('the access log says what was asked and what was shown how', async () => {
    await as('masked', ['ssn', 'name']);
    const { body } = await vault.send('GET', '/api/coatcheck/1.0/audit/entries?user=masked&limit=1');
    expect(body.entries).toEqual([
      expect.objectContaining({
        operation: 'decrypt',
        asked: [{ property: 'ssn' }, { property: 'name' }],
        revealed: [{ property: 'ssn', transformation: 'mask' }, { property: 'name' }],
        outcome: 'masked',
      }),
    ]);
  });
});

describe('404', () => {
  test.each([
    ['an unknown property', ['ssn', 'nothing'], { field: 'body[0].props[1]' }],
    ['an unknown transformation', ['ssn.age'], { field: 'body[0].props[0]', property: 'ssn' }],
  ])('%s', async (_, props, context) => {
    const json = [{ encrypted_object: { ciphertext: 'x' }, props }];
    expect(refusal(await ask(vault, 'decrypt', json))).toEqual([404, 'PV3004', context]);
  });

  test('an unknown collection', async () =>
    expect(refused(await ask(vault, 'decrypt', [], { collection: 'nothing' }))).toBe('404 PV1004'));
});
