import type { Statement } from '../database.js';

/**
 * Deletes objects for good, with everything that is theirs: keys, indexes, tokens, and the objects they own with theirs
 * (docs/adr/0013). To be committed together and in this order; the rows of the third, one per object deleted, are found by
 * {@link deletedIn}. With `all`, nothing is deleted where one of them is gone already.
 *
 * Each step is a statement of its own because only a new statement sees what was being added while the one before waited: first nobody may
 * add to the objects any more, then nobody to what they own, then everything that is there goes.
 */
export function deletionOf(collection: number, ids: readonly string[], { all = false } = {}): Statement[] {
  const deletion = deleteObjects(collection, ids);
  return [
    lockForDeletion(collection, ids),
    lockOwnedForDeletion(collection, ids),
    all ? { ...deletion, mustReturn: ids.length } : deletion,
    deleteTokensOfDeleted(collection, ids),
  ];
}

/** Of the results of {@link deletionOf}, the objects that were deleted; the owned ones are not among them. */
export function deletedIn(results: readonly unknown[][]): readonly { readonly id: string }[] {
  return results[2] as { id: string }[];
}

function lockForDeletion(collection: number, ids: readonly string[]): Statement {
  return {
    name: 'object-lock',
    text: 'select from object where collection_id = $1 and id = any($2) order by id for update',
    values: [collection, ids],
  };
}

function lockOwnedForDeletion(collection: number, ids: readonly string[]): Statement {
  return {
    name: 'object-lock-owned',
    text: `select from object where owner_collection_id = $1 and owner_id = any($2)
            order by collection_id, id for update`,
    values: [collection, ids],
  };
}

/**
 * Deletes the rows, keys and indexes of objects, and those and the tokens of what they own. Returns a row per object named that was deleted.
 * By itself it may meet an owned object that is being added: ReferenceViolation, and nothing is deleted.
 */
function deleteObjects(collection: number, ids: readonly string[]): Statement {
  return {
    name: 'object-delete',
    text: `with gone as (
        delete from object where (collection_id = $1 and id = any($2)) or (owner_collection_id = $1 and owner_id = any($2))
        returning collection_id, id
      ), keys as (
        delete from keystore.object_key where (collection_id, record_id) in (select collection_id, id from gone)
      ), indexes as (
        delete from blind_index where (collection_id, object_id) in (select collection_id, id from gone)
      ), substrings as (
        delete from substring_index where (collection_id, object_id) in (select collection_id, id from gone)
      ), tokens as (
        delete from token where (collection_id, object_id) in (
          select collection_id, id from gone where not (collection_id = $1 and id = any($2)))
      ) select id from gone where collection_id = $1 and id = any($2)`,
    values: [collection, ids],
  };
}

/**
 * Deletes the tokens of objects that an earlier statement of the same transaction has deleted: only a statement of its own sees those
 * that were being made while the first waited for the objects.
 */
function deleteTokensOfDeleted(collection: number, ids: readonly string[]): Statement {
  return {
    name: 'object-delete-tokens',
    text: `delete from token t where t.collection_id = $1 and t.object_id = any($2)
              and not exists (select from object o where o.collection_id = $1 and o.id = t.object_id)`,
    values: [collection, ids],
  };
}
