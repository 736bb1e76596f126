import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Keyring, derivedEpochs, environmentRootKey } from '../../../src/crypto/index.js';
import { passesLuhn } from '../../../src/data-types/luhn.js';
import {
  CARD_IDS,
  candidateIds,
  cardId,
  computedCardId,
} from '../../../src/operations/tokens/format-preserving-ids.js';
import { Database } from '../../../src/store/database.js';
import { keystoreTables } from '../../../src/store/keystore-tables.js';
import { addCollection, refused, sql } from '../../support/steps.js';
import { type Answer, startVault } from '../../support/vault.js';

const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
const choice = fc.integer({ min: 0, max: CARD_IDS - 1 });

describe('an id in the form of a card number', () => {
  test('has 16 digits, the ends of the number, and passes Luhn', () => {
    fc.assert(
      fc.property(digits(13, 19), choice, (card, middle) => {
        const id = cardId(card, middle);
        expect(id).toMatch(/^\d{16}$/);
        expect([id.slice(0, 6), id.slice(-4)]).toEqual([card.slice(0, 6), card.slice(-4)]);
        expect(passesLuhn(id)).toBe(true);
      }),
    );
  });

  test('is another for each choice, so that there are a hundred thousand', () => {
    const ids = new Set(Array.from({ length: CARD_IDS }, (_, i) => cardId('4929123412341232', i)));
    expect(ids.size).toBe(CARD_IDS);
  });

  test('is never the card number itself', () => {
    const card = '4929123412341232';
    const own = Number(card.slice(6, 11));
    expect(cardId(card, own)).toBe(card);
    expect(candidateIds(card, 3, () => own)).toEqual([]);
    expect(computedCardId(card, (attempt) => own + attempt)).toBe(cardId(card, own + 1));
  });
});

test('409 PV9040 when none is left, and the last one left is found', async () => {
  const key = randomBytes(32).toString('hex');
  const vault = await startVault({ COATCHECK_KMS_KEY: key });
  const card = '4929123412341232';
  const database = new Database({
    url: vault.database.url,
    poolSize: 1,
    statementTimeoutMs: 20_000,
    lockTimeoutMs: 20_000,
    onConnectionError: () => undefined,
  });
  try {
    await addCollection(vault, 'payers PERSONS ( card CC_NUMBER NULL );');
    const tokenize = (): Promise<Answer> =>
      vault.send('POST', '/data/collections/payers/tokens', {
        json: [
          {
            type: 'randomized',
            object: { fields: { card } },
            fpprops: ['card'],
            fptemplate: 'primary_account_number',
          },
        ],
      });
    expect((await tokenize()).status).toBe(200);
    // Rows that hold ids and nothing else: all ids but one in two hundred.
    const epochs = derivedEpochs(await environmentRootKey(key).load());
    const { lookup } = await Keyring.unlock(keystoreTables(database), epochs);
    const [{ id: collection }] = (await sql(vault, "select id from collection where name = 'payers'")) as [
      { id: number },
    ];
    const fill = async (ids: number[]): Promise<void> => {
      const hashes = ids.map((i) => lookup.tokenHash(collection, cardId(card, i)));
      await sql(
        vault,
        `insert into token (id, collection_id, hash, lookup_version, type, scope, tenant, revision, meta, created_at)
         select gen_random_uuid(), $1, h, 1, 'randomized', 's', '', 1, '', now() from unnest($2::bytea[]) h on conflict do nothing`,
        [collection, hashes],
      );
    };
    const all = Array.from({ length: CARD_IDS }, (_, i) => i);
    await fill(all.filter((i) => i % 50 !== 0));
    expect((await tokenize()).status).toBe(200);
    await fill(all);
    expect(refused(await tokenize())).toBe('409 PV9040');
  } finally {
    await database.close();
    await vault.close();
  }
});
