import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, refusal, refused, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let ann: string;
const send = (items: unknown, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', '/data/collections/users/hash/objects', { json: items, ...sent });
const idsOf = ({ body }: Answer): string[] => body.map(({ token_id }: { token_id: string }) => token_id);
const passesLuhn = (digits: string): boolean =>
  [...digits].reverse().reduce((sum, digit, i) => {
    const counted = i % 2 ? Number(digit) * 2 : Number(digit);
    return sum + (counted > 9 ? counted - 9 : counted);
  }, 0) %
    10 ===
  0;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault, 'users PERSONS ( name NAME NULL, ssn SSN NULL, card CC_NUMBER NULL );');
  ann = await addObject(vault, { name: 'Ann', ssn: '123-12-1234' });
});
afterAll(() => vault.close());

describe('200', () => {
  test('the id that a deterministic token of the same input gets, and nothing is stored', async () => {
    const items = [
      { object: { id: ann } },
      { object: { id: ann }, props: ['ssn', 'name'] },
      { object: { fields: { ssn: '123-12-1234', name: 'Ann' } } },
      { object: { id: ann }, props: ['ssn'], scope: 's' },
      { object: { fields: { ssn: '123121234' } }, scope: 's' },
      { object: { request_index: 3 }, props: ['ssn'], scope: 's' },
      { object: { fields: { ssn: '123-12-1234' } }, scope: 'global:s' },
    ];
    const hashes = idsOf(await send(items));
    expect(new Set(hashes).size).toBe(3);
    const count = await vault.send('GET', '/data/collections/users/count/tokens');
    expect(count.body.total).toBe(0);
    for (const [i, item] of items.entries()) {
      if (i === 5) continue;
      expect(await tokenize(vault, { type: 'deterministic', ...item })).toBe(hashes[i]);
    }
  });

  test('in the form of a card number: the same ends, Luhn, never the number itself, and what the token gets', async () => {
    for (const card of ['4929123412341232', '4222222222222', '370000000000002']) {
      const item = {
        object: { fields: { card, name: 'x' } },
        fpprops: ['card'],
        fptemplate: 'primary_account_number',
      };
      const [id] = idsOf(await send([item]));
      expect(id).toMatch(/^\d{16}$/);
      expect([id!.slice(0, 6), id!.slice(-4)]).toEqual([card.slice(0, 6), card.slice(-4)]);
      expect(passesLuhn(id!)).toBe(true);
      expect(id).not.toBe(card);
      expect(await tokenize(vault, { type: 'deterministic', ...item })).toBe(id);
      expect(idsOf(await send([{ ...item, fpprops: [], fptemplate: undefined }]))).not.toEqual([id]);
    }
  });

  test('no items, no hashes', async () => expect((await send([])).body).toEqual([]));

  test('the log names the properties and what the ids were, by reference', async () => {
    await send([{ object: { id: ann }, props: ['ssn'] }]);
    const { body } = await vault.send('GET', '/api/coatcheck/1.0/audit/entries?operation=hashObjects');
    expect(body.entries[0]).toEqual(
      expect.objectContaining({ outcome: 'allowed', objects: [ann], asked: [{ property: 'ssn' }] }),
    );
    expect(body.entries[0].tokens).toHaveLength(1);
  });
});

describe('400', () => {
  const fields = { name: 'x' };
  test.each<[string, unknown, string]>([
    ['too many items', Array(1001).fill({ object: { fields } }), 'PV9007'],
    ['nothing to hash', [{ object: { fields: {} } }], 'PV9006'],
    ['only absent values', [{ object: { fields }, props: ['ssn'] }], 'PV9006'],
    ['an invalid value', [{ object: { fields: { ssn: '1' } } }], 'PV3002'],
    ['a later item', [{ object: { request_index: 0 } }], 'PV9006'],
    ['two inputs', [{ object: { fields, request_index: 0 } }], 'PV1012'],
    ['a form without its property', [{ object: { fields }, fptemplate: 'primary_account_number' }], 'PV9006'],
    [
      'an owner, whom nothing is stored for',
      [{ object: { fields: { _owner_id: NOWHERE, _owner_collection: 'users' } } }],
      'PV9035',
    ],
    ['a property without its form', [{ object: { fields }, fpprops: ['name'] }], 'PV9006'],
    [
      'a form of a property that is no card number',
      [{ object: { fields }, fpprops: ['name'], fptemplate: 'primary_account_number' }],
      'PV9006',
    ],
    [
      'a form of a card number that is absent',
      [
        {
          object: { fields },
          props: ['name', 'card'],
          fpprops: ['card'],
          fptemplate: 'primary_account_number',
        },
      ],
      'PV9006',
    ],
  ])('%s', async (_, items, code) => expect(refused(await send(items))).toBe(`400 ${code}`));
});

describe('403', () => {
  test('every property must be allowed and none be behind a mask', async () => {
    const capabilities = ['CapCryptoHasher'];
    const keys = await setClients(vault, [
      {
        name: 'some',
        capabilities,
        allow: [{ operations: ['hash'], resources: ['users/properties/name'] }],
      },
      {
        name: 'masked',
        capabilities,
        allow: [{ operations: ['hash'], resources: ['*'] }],
        masks: { 'users/ssn': 'mask' },
      },
      { name: 'none', capabilities, allow: [{ operations: ['tokenize'], resources: ['*'] }] },
      { name: 'nobody', capabilities: ['CapCryptoEncrypter'] },
    ]);
    const as = async (name: string, props: string[], id = ann): Promise<string> =>
      refused(await send([{ object: { id }, props }], { key: keys[name]! }));
    expect(await as('some', ['name'])).toBe('200 ');
    expect(await as('some', ['name', 'ssn'])).toBe('403 PV1006');
    expect(await as('masked', ['name'])).toBe('200 ');
    expect(await as('masked', ['ssn'])).toBe('403 PV1006');
    expect(await as('none', ['name'], NOWHERE)).toBe('403 PV1006');
    expect(await as('nobody', ['name'])).toBe('403 PV1007');
  });
});

describe('404', () => {
  test('a missing object is PV3005 and refuses all', async () =>
    expect(refusal(await send([{ object: { id: ann } }, { object: { id: NOWHERE } }]))).toEqual([
      404,
      'PV3005',
      { ids: NOWHERE },
    ]));

  test('an unknown property is PV2003 in props and PV3004 among fields', async () => {
    expect(refused(await send([{ object: { id: ann }, props: ['nick'] }]))).toBe('404 PV2003');
    expect(refused(await send([{ object: { fields: { nick: 'x' } } }]))).toBe('404 PV3004');
  });
});
