import { randomUUID } from 'node:crypto';
import { COLLECTION, INDEXED, TOKENIZED, person } from '../people.mjs';
import { modulesOf, withDatabase } from '../vault-database.mjs';

/**
 * What it takes to seal as a vault does.
 * @typedef {object} VaultKeys
 * @property {string} databaseUrl
 * @property {string} rootKey in hex
 * @property {string} dist
 *
 * A vault that runs, for whoever fills it: requests with the keys of the clients that store, detokenize and encrypt.
 * @typedef {(method: string, target: string, body?: string, type?: string) => Promise<any>} Send
 * @typedef {VaultKeys & { app: Send, support: Send, crypto: Send }} RunningVault
 */

/**
 * Makes objects and a token for each as the vault itself would store them, with its own keys and its own sealing: the records that its statements
 * `object-insert` and `token-insert` take.
 * @param {VaultKeys} vault
 */
export async function sealerOf({ databaseUrl, rootKey, dist }) {
  const [{ keystoreTables }, crypto, { loadMetadata }] = await modulesOf(
    dist,
    'store/keystore-tables.js',
    'crypto/index.js',
    'store/metadata.js',
  );
  const epochs = crypto.derivedEpochs(await crypto.environmentRootKey(rootKey).load());
  const { keyring, collection, keyset } = await withDatabase(dist, databaseUrl, async (database) => {
    const keyring = await crypto.Keyring.unlock(keystoreTables(database), epochs);
    const collection = (await loadMetadata(database, keyring)).collections.get(COLLECTION);
    return { keyring, collection, keyset: await keyring.sealing(collection.id, '') };
  });
  const idOf = new Map(collection.properties.map((property) => [property.name, property.id]));
  const indexed = collection.properties.filter(({ isIndex }) => isIndex);
  const props = TOKENIZED.map((name) => idOf.get(name));

  return function seal() {
    const now = new Date();
    const someone = person();
    const [id, record, tokenId] = [randomUUID(), randomUUID(), randomUUID()];
    const place = { tenant: '', collection: collection.id, record: id };
    const key = keyset.newObjectKey();
    const values = Object.entries(someone).map(([name, value]) => ({
      name,
      property: idOf.get(name),
      text: JSON.stringify(value),
    }));
    const fields = crypto.sealFields(key, place, 1, values);

    const tokenPlace = { ...place, record };
    const snapshot = values
      .filter(({ name }) => TOKENIZED.includes(name))
      .map(({ property, text }) => crypto.sealTokenField(key, tokenPlace, property, 1, text));
    const hash = keyring.lookup.tokenHash(collection.id, tokenId);
    const row = {
      ...tokenPlace,
      hash,
      ...{ type: 'randomized', scope: 'default', object: id, revision: 1, snapshot, valueHash: null },
    };
    return {
      ...{ tokenId, someone, email: someone[INDEXED] },
      object: {
        ...{ collection: collection.id, id, tenant: '', sealed: crypto.encodePacked(fields) },
        ...{ createdAt: now, modifiedAt: now, lookupVersion: keyring.lookup.version },
        key: keyset.wrapObjectKey(key, place, { revision: 1, fields, expiresAt: null, owner: null }),
        indexes: indexed.map(({ id: property, name, isUnique }) => ({
          property,
          value: keyring.lookup.blindIndex(collection.id, property, JSON.stringify(someone[name])),
          unique: isUnique,
        })),
      },
      token: {
        ...{ id: record, collection: collection.id, hash, lookupVersion: keyring.lookup.version },
        ...{ type: 'randomized', scope: 'default', objectId: id, tenant: '', revision: 1, createdAt: now },
        sealed: crypto.encodePacked(snapshot),
        meta: crypto.sealTokenMeta(key, row, { tokenId, props, tags: [], expiresAt: null }),
      },
    };
  };
}
