import type { WrappedObjectKey } from '../crypto/index.js';
import type { Database, Statement } from './database.js';
import { OBJECT_COLUMNS, type ObjectColumns, type ObjectRow, objectRowOf } from './objects/object-row.js';

/**
 * Wrapping begins when nobody wraps by the version before any more: an instance that did not hear of a rotation may for five seconds, and a
 * statement of its may run for as long as the settings say.
 */
const SETTLED = '60 seconds';

/** Where the work stands: the last key row that was looked at. */
export interface RewrapPosition {
  readonly collection: number;
  readonly record: string;
}

const BEFORE_ALL: RewrapPosition = { collection: 0, record: '00000000-0000-0000-0000-000000000000' };

/** A key row wrapped by a version that is not the active one, with its object; null: the key of a token that belongs to no object. */
export interface OutdatedKey extends RewrapPosition {
  readonly tenant: string;
  readonly key: WrappedObjectKey;
  readonly object: ObjectRow | null;
}

/** The key of a row as it shall be wrapped, in place of exactly the wrap that was read. */
export interface RewrappedKey extends RewrapPosition {
  readonly was: Buffer;
  readonly key: WrappedObjectKey;
}

/** Says that all key rows are to be looked at, from the beginning; part of the rotation's transaction. */
export function startRewrap(): Statement {
  return {
    name: 'rewrap-start',
    text: `update keystore.rewrap set after_collection = $1, after_record = $2, due_at = now() + interval '${SETTLED}' where id = 1`,
    values: [BEFORE_ALL.collection, BEFORE_ALL.record],
  };
}

/** Where to go on; null where nothing is due. `early` does not wait until a rotation has settled. */
export async function duePosition(database: Database, early: boolean): Promise<RewrapPosition | null> {
  const rows = await database.run<RewrapPosition>({
    name: 'rewrap-due',
    text: `select after_collection as collection, after_record as record from keystore.rewrap
            where id = 1 and (due_at <= now() or $1 and due_at is not null)`,
    values: [early],
  });
  return rows[0] ?? null;
}

/** The next `most` key rows behind a position: how far they go, and those of them that are wrapped by a version that was retired. */
export async function outdatedKeys(
  database: Database,
  after: RewrapPosition,
  most: number,
): Promise<{ last: RewrapPosition | null; outdated: OutdatedKey[] }> {
  const rows = await database.run<
    ObjectColumns & { k_collection: number; k_record: string; k_tenant: string; k_outdated: boolean | null }
  >({
    name: 'rewrap-page',
    text: `with page as (
             select * from keystore.object_key where (collection_id, record_id) > ($1::int, $2::uuid)
              order by collection_id, record_id limit $3
           )
           select k.collection_id as k_collection, k.record_id as k_record, v.tenant as k_tenant,
                  v.state = 'decrypt_only' as k_outdated, ${OBJECT_COLUMNS}
             from page k
             left join keystore.keyset_version v on v.keyset_id = k.keyset_id and v.version = k.keyset_version
             left join object o on v.state = 'decrypt_only' and o.collection_id = k.collection_id and o.id = k.record_id
            order by k.collection_id, k.record_id`,
    values: [after.collection, after.record, most],
  });
  const last = rows.at(-1);
  return {
    last: last ? { collection: last.k_collection, record: last.k_record } : null,
    outdated: rows
      .filter((row) => row.k_outdated)
      .map((row) => ({
        collection: row.k_collection,
        record: row.k_record,
        tenant: row.k_tenant,
        key: {
          keyId: row.key_id!,
          keysetId: row.keyset_id,
          keysetVersion: row.keyset_version,
          wrapped: row.wrapped,
        },
        object: row.id === null ? null : objectRowOf(row),
      })),
  };
}

/**
 * Stores wraps and the position behind them; false, and nothing stored, where somebody else has moved the position: another instance, or a
 * rotation. A row whose wrap is no longer the one that was read was changed by a writer, who wins; one that is locked is being changed by one.
 */
export async function storeRewrapped(
  database: Database,
  from: RewrapPosition,
  to: RewrapPosition | null,
  keys: readonly RewrappedKey[],
): Promise<boolean> {
  return database.transaction(async (run) => {
    const moved = await run({
      name: 'rewrap-move',
      text: `update keystore.rewrap set after_collection = $3, after_record = $4, due_at = case when $5 then null else due_at end
              where id = 1 and after_collection = $1 and after_record = $2 and due_at is not null returning id`,
      values: [
        from.collection,
        from.record,
        (to ?? BEFORE_ALL).collection,
        (to ?? BEFORE_ALL).record,
        to === null,
      ],
    });
    if (moved.length === 0) return false;
    if (keys.length > 0) await run(replaceWraps(keys));
    return true;
  });
}

function replaceWraps(keys: readonly RewrappedKey[]): Statement {
  return {
    name: 'rewrap-store',
    text: `with wanted as (
             select k.collection_id, k.record_id, w.keyset_id, w.keyset_version, w.wrapped
               from unnest($1::int[], $2::uuid[], $3::bytea[], $4::uuid[], $5::int[], $6::bytea[])
                 as w (collection_id, record_id, was, keyset_id, keyset_version, wrapped)
               join keystore.object_key k on k.collection_id = w.collection_id and k.record_id = w.record_id and k.wrapped = w.was
                for update of k skip locked
           )
           update keystore.object_key k set keyset_id = w.keyset_id, keyset_version = w.keyset_version, wrapped = w.wrapped
             from wanted w where k.collection_id = w.collection_id and k.record_id = w.record_id`,
    values: [
      keys.map((each) => each.collection),
      keys.map((each) => each.record),
      keys.map((each) => each.was),
      keys.map(({ key }) => key.keysetId),
      keys.map(({ key }) => key.keysetVersion),
      keys.map(({ key }) => key.wrapped),
    ],
  };
}
