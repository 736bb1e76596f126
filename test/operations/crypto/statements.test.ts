import pg from 'pg';
import { addCollection, addObject } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { ask } from './support.js';

/**
 * Every statement that leaves for the database, by the name it is prepared under or its text. The clients are the real ones; they are only
 * listened to.
 */
const sent: string[] = [];
const query = pg.Client.prototype.query;

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault, 'users PERSONS ( name NAME NULL, ssn SSN NULL, photo BLOB NULL );');
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]): never {
    const [config] = args as [string | { name?: string; text: string }];
    sent.push(typeof config === 'string' ? config : (config.name ?? config.text));
    return query.apply(this, args as never) as never;
  };
});
afterAll(async () => {
  pg.Client.prototype.query = query;
  await vault.close();
});

/** What the database was asked for by `work`, what the vault does by itself now and then left out. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  // Which key is the active one is asked again every five seconds; not just between these two.
  vault.app.vault.keyring.forget();
  await work();
  sent.length = 0;
  await work();
  return sent.filter((name) => !BY_ITSELF.test(name));
}

/** The projection of the log with its postings, its checkpoints, the check of the metadata every five seconds, and the removal of old records. */
const BY_ITSELF =
  /^(begin$|commit$|projection-|postings?-|metadata-generation$|idempotency-remove$|blind-index-|access-log-(head|node|leaves)|checkpoint|cosign|log-key)/;

const ok = async (...args: Parameters<typeof ask>): Promise<unknown> => {
  const { status, body, bytes } = await ask(...args);
  expect(status).toBe(200);
  return body ?? bytes;
};

describe('the database is asked for the record of the access and nothing else', () => {
  const items = Array.from({ length: 100 }, (_, i) => ({
    object: { fields: { name: `n${i}`, ssn: '123-12-1234' } },
  }));
  let encrypted: { encrypted_object: { ciphertext: string } }[];
  let blob: Buffer;
  beforeAll(async () => {
    const body = (await ok(vault, 'encrypt', items)) as { ciphertext: string }[];
    encrypted = body.map((encrypted_object) => ({ encrypted_object }));
    blob = (await ok(vault, 'encryptBlob', Buffer.alloc(1000, 1), { query: '?prop=photo' })) as Buffer;
  });

  test.each<[string, () => Promise<unknown>]>([
    ['encrypt', () => ok(vault, 'encrypt', items)],
    ['decrypt', () => ok(vault, 'decrypt', encrypted)],
    [
      'updateEncrypted',
      () =>
        ok(
          vault,
          'updateEncrypted',
          encrypted.map((each) => ({ ...each, fields: {} })),
        ),
    ],
    ['encryptBlob', () => ok(vault, 'encryptBlob', Buffer.alloc(1000, 1), { query: '?prop=photo' })],
    ['decryptBlob', () => ok(vault, 'decryptBlob', blob, { query: '?prop=photo' })],
    ['nothing to decrypt', () => ok(vault, 'decrypt', [])],
  ])('by %s: one statement, of however many items', async (_, work) => {
    expect(await statementsOf(work)).toEqual(['access-log-append']);
  });

  test('and for the objects, in one more, where objects are named', async () => {
    const ids = [await addObject(vault, { name: 'a' }), await addObject(vault, { name: 'b' })];
    const json = ids.map((id) => ({ object: { id } }));
    expect(await statementsOf(() => ok(vault, 'encrypt', json))).toEqual([
      'object-find-active',
      'access-log-append',
    ]);
  });

  test('the listener above hears what goes to the database', async () => {
    expect(await statementsOf(() => addObject(vault, { name: 'x' }))).toEqual(
      expect.arrayContaining([expect.stringMatching(/insert|object/)]),
    );
  });
});
