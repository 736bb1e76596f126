import type { Keystore, StoredKeysetVersion } from '../crypto/index.js';
import { VaultError } from '../errors.js';
import { announcement } from './announce-change.js';
import type { Database, Statement } from './database.js';
import { type KeysetRow, keysetOf } from './keyset-row.js';
import { startRewrap } from './rewrap-keys.js';

/** Any constant that is not the migrations' lock: rotations of all instances take turns. */
const ROTATION_LOCK = 0x726f7461;

/**
 * As `Keystore.rotateKeysets` says. Nothing but statements is awaited between lock and commit, and making a key takes microseconds, so writers
 * that want to know the active version never wait: they read the one before until the commit.
 */
export async function rotateKeysets(
  database: Database,
  ...[after, most, successorOf, check]: Parameters<Keystore['rotateKeysets']>
): Promise<string[]> {
  return database.transaction(async (run) => {
    await run({ name: 'rotation-lock', text: 'select pg_advisory_xact_lock($1)', values: [ROTATION_LOCK] });
    const rows = await run<KeysetRow & { newest: number }>(selectActive(after, most));
    if (rows.length === 0) return [];

    const successors = rows.map((row) => successorOf(keysetOf(row), row.newest + 1));
    (await run<KeysetRow>(insertVersions(successors))).map(keysetOf).forEach(check);
    for (const statement of activate(successors)) {
      if ((await run(statement)).length !== rows.length) throw new VaultError('PV3218');
    }
    await run(startRewrap());
    await run(announcement());
    return rows.map((row) => row.keyset_id);
  });
}

/** Locks them, so that none is deleted meanwhile. */
function selectActive(after: string, most: number): Statement {
  return {
    name: 'rotation-select',
    text: `select v.*, (select max(n.version) from keystore.keyset_version n where n.keyset_id = v.keyset_id) as newest
             from keystore.keyset_version v
            where v.state = 'active' and v.keyset_id > $1 order by v.keyset_id limit $2 for update`,
    values: [after, most],
  };
}

function insertVersions(versions: readonly StoredKeysetVersion[]): Statement {
  return {
    name: 'rotation-insert',
    text: `insert into keystore.keyset_version (keyset_id, version, collection_id, tenant, state, epoch, wrapped)
           select * from unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::text[], $6::int[], $7::bytea[])
        returning keyset_id, version, collection_id, tenant, state, epoch, wrapped`,
    values: [
      versions.map((each) => each.keysetId),
      versions.map((each) => each.version),
      versions.map((each) => each.collection),
      versions.map((each) => each.tenant),
      versions.map((each) => each.state),
      versions.map((each) => each.epoch),
      versions.map((each) => each.wrapped),
    ],
  };
}

/** First the old ones step back: at no moment a keyset may have two active versions. */
function activate(successors: readonly StoredKeysetVersion[]): Statement[] {
  const ids = successors.map(({ keysetId }) => keysetId);
  return [
    {
      name: 'rotation-retire',
      text: `update keystore.keyset_version set state = 'decrypt_only'
              where keyset_id = any($1::uuid[]) and state = 'active' returning keyset_id`,
      values: [ids],
    },
    {
      name: 'rotation-activate',
      text: `update keystore.keyset_version v set state = 'active'
               from unnest($1::uuid[], $2::int[]) as s (keyset_id, version)
              where v.keyset_id = s.keyset_id and v.version = s.version and v.state = 'pending' returning v.keyset_id`,
      values: [ids, successors.map(({ version }) => version)],
    },
  ];
}
