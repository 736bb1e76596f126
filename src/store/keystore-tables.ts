import type { Keystore, StoredEpoch, StoredLookupVersion } from '../crypto/index.js';
import type { Database } from './database.js';
import { type KeysetRow, keysetOf } from './keyset-row.js';
import { rotateKeysets } from './rotate-keysets.js';

/** The key tables, in the schema `keystore`, which can be backed up apart from the data. */
export function keystoreTables(database: Database): Keystore {
  return {
    epochs: () => epochs(database),

    async addEpoch(row) {
      await database.run({
        name: 'keystore-add-epoch',
        text: 'insert into keystore.epoch (epoch, "check") values ($1, $2) on conflict (epoch) do nothing',
        values: [row.epoch, row.check],
      });
      return (await epochs(database)).find(({ epoch }) => epoch === row.epoch)!;
    },

    lookupVersions: () => lookupVersions(database),

    async addLookupVersion(row, iamSeal) {
      await database.run({
        name: 'keystore-add-lookup',
        text: `with added as (
                 insert into keystore.lookup_version (version, state, epoch, wrapped) values ($1, $2, $3, $4)
                 on conflict do nothing returning version)
               insert into iam_seal (serial, lookup_version, mac) select 0, version, $5 from added on conflict (id) do nothing`,
        values: [row.version, row.state, row.epoch, row.wrapped, iamSeal],
      });
      return (await lookupVersions(database)).find(({ version }) => version === row.version)!;
    },

    activeKeyset: (collection, tenant) => activeKeyset(database, collection, tenant),

    async addKeyset(row) {
      await database.run({
        name: 'keystore-add-keyset',
        text: `insert into keystore.keyset_version (keyset_id, version, collection_id, tenant, state, epoch, wrapped)
               values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
        values: [row.keysetId, row.version, row.collection, row.tenant, row.state, row.epoch, row.wrapped],
      });
      return (await activeKeyset(database, row.collection, row.tenant))!;
    },

    async keysetVersion(keysetId, version) {
      const rows = await database.run<KeysetRow>({
        name: 'keystore-keyset-version',
        text: `${KEYSET} where keyset_id = $1 and version = $2`,
        values: [keysetId, version],
      });
      return rows[0] ? keysetOf(rows[0]) : null;
    },

    rotateKeysets: (after, most, successorOf, check) =>
      rotateKeysets(database, after, most, successorOf, check),
  };
}

const KEYSET = `select keyset_id, version, collection_id, tenant, state, epoch, wrapped from keystore.keyset_version`;

async function activeKeyset(database: Database, collection: number, tenant: string) {
  const rows = await database.run<KeysetRow>({
    name: 'keystore-active-keyset',
    text: `${KEYSET} where collection_id = $1 and tenant = $2 and state = 'active'`,
    values: [collection, tenant],
  });
  return rows[0] ? keysetOf(rows[0]) : null;
}

async function epochs(database: Database): Promise<StoredEpoch[]> {
  return database.run<StoredEpoch>({
    name: 'keystore-epochs',
    text: 'select epoch, "check" from keystore.epoch order by epoch',
    values: [],
  });
}

async function lookupVersions(database: Database): Promise<StoredLookupVersion[]> {
  return database.run<StoredLookupVersion>({
    name: 'keystore-lookups',
    text: 'select version, state, epoch, wrapped from keystore.lookup_version order by version',
    values: [],
  });
}
