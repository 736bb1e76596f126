import { randomUUID } from 'node:crypto';
import { COLLECTION, INDEXED, TOKENIZED, person } from './people.mjs';
import { modulesOf, withDatabase } from './vault-database.mjs';

/** Objects sealed and inserted at a time; they share a statement each for the objects and for the tokens. */
const BATCH = 500;

/**
 * A vault that runs, for whoever fills it.
 * @typedef {object} RunningVault
 * @property {string} databaseUrl
 * @property {string} rootKey in hex
 * @property {string} dist
 * @property {(method: string, target: string, body: string, type?: string) => Promise<any>} app requests with the key of the client that stores
 * @property {(method: string, target: string, body: string, type?: string) => Promise<any>} crypto requests with the key of the client that encrypts
 *
 * What is in a vault, to be asked for.
 * @typedef {object} Filled
 * @property {string[]} objects ids
 * @property {string[]} tokens ids
 * @property {string[]} emails of the objects, where they are indexed
 * @property {string[]} ciphertexts
 */

/**
 * Fills a vault with objects and a token for each, past its API but with its own sealing and its own statements: what lies in the tables is
 * what the API would have written, only the access log says nothing of it.
 * @param {number} count
 * @param {(line: string) => void} say
 * @returns {(vault: RunningVault) => Promise<Filled>}
 */
export function fillDirectly(count, say) {
  return async ({ databaseUrl, rootKey, dist }) => {
    const [{ keystoreTables }, crypto, { loadMetadata }, { insertObject }, { insertTokens }] =
      await modulesOf(
        dist,
        'store/keystore-tables.js',
        'crypto/index.js',
        'store/metadata.js',
        'store/objects/insert-object.js',
        'store/tokens/change-tokens.js',
      );
    return withDatabase(dist, databaseUrl, async (database) => {
      const epochs = crypto.derivedEpochs(await crypto.environmentRootKey(rootKey).load());
      const keyring = await crypto.Keyring.unlock(keystoreTables(database), epochs);
      const collection = (await loadMetadata(database, keyring)).collections.get(COLLECTION);
      const keyset = await keyring.sealing(collection.id, '');
      const idOf = new Map(collection.properties.map((property) => [property.name, property.id]));

      /** @type {Filled} */
      const made = { objects: [], tokens: [], emails: [], ciphertexts: [] };
      while (made.objects.length < count) {
        const batch = Array.from({ length: Math.min(BATCH, count - made.objects.length) }, seal);
        const statements = batch.map(({ object }) => insertObject(object));
        await database.run(statements[0].mergeable.merge(batch.map(({ object }) => object)));
        await database.run(insertTokens(batch.map(({ token }) => token)));
        made.objects.push(...batch.map(({ object }) => object.id));
        made.tokens.push(...batch.map(({ tokenId }) => tokenId));
        made.emails.push(...batch.map(({ email }) => email));
        if (made.objects.length % 50_000 === 0) say(`  ${made.objects.length} of ${count} objects`);
      }
      await database.run({ name: 'analyze', text: 'analyze', values: [] });
      return made;

      function seal() {
        const now = new Date();
        const someone = person();
        const [id, record, tokenId] = [randomUUID(), randomUUID(), randomUUID()];
        const place = { tenant: '', collection: collection.id, record: id };
        const key = keyset.newObjectKey();
        const texts = Object.entries(someone).map(([name, value]) => ({
          name,
          property: idOf.get(name),
          text: JSON.stringify(value),
        }));
        const fields = texts.map(({ property, text }) => crypto.sealField(key, place, property, 1, text));

        const tokenPlace = { ...place, record };
        const snapshot = texts
          .filter(({ name }) => TOKENIZED.includes(name))
          .map(({ property, text }) => crypto.sealTokenField(key, tokenPlace, property, 1, text));
        const hash = keyring.lookup.tokenHash(collection.id, tokenId);
        const row = {
          ...tokenPlace,
          hash,
          type: 'randomized',
          scope: 'default',
          object: id,
          revision: 1,
          snapshot,
          valueHash: null,
        };
        const props = TOKENIZED.map((name) => idOf.get(name));
        const index = {
          property: idOf.get(INDEXED),
          value: keyring.lookup.blindIndex(
            collection.id,
            idOf.get(INDEXED),
            JSON.stringify(someone[INDEXED]),
          ),
          unique: false,
        };
        return {
          ...{ tokenId, email: someone[INDEXED] },
          object: {
            ...{ collection: collection.id, id, tenant: '', sealed: crypto.encodePacked(fields) },
            ...{ expiresAt: null, owner: null, createdAt: now, modifiedAt: now },
            key: keyset.wrapObjectKey(key, place, { revision: 1, fields, expiresAt: null, owner: null }),
            ...{ indexes: [index], substrings: [], lookupVersion: keyring.lookup.version },
          },
          token: {
            ...{ id: record, collection: collection.id, hash, lookupVersion: keyring.lookup.version },
            ...{ type: 'randomized', scope: 'default', objectId: id, tenant: '', revision: 1 },
            sealed: crypto.encodePacked(snapshot),
            meta: crypto.sealTokenMeta(key, row, { tokenId, props, tags: [], expiresAt: null }),
            ...{ tags: [], expiresAt: null, createdAt: now, modifiedAt: null, valueHash: null },
          },
        };
      }
    });
  };
}
