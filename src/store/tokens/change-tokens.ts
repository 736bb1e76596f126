import type { WrappedObjectKey } from '../../crypto/index.js';
import type { Statement } from '../database.js';
import type { TokenWrite } from './token-row.js';

/**
 * Inserts tokens, many in one statement. Those of an object that was deleted meanwhile are left out, as if they had been made before: left
 * behind, they would belong to whatever is added under that id later.
 */
export function insertTokens(tokens: readonly TokenWrite[]): Statement {
  return {
    name: 'token-insert',
    mergeable: { items: tokens, merge: insertTokens },
    text: insertFrom(GIVEN),
    values: valuesOf(tokens),
  };
}

/** A row of `idp_subject` and the object that it must have. */
export interface HeldSubject {
  readonly hash: Buffer;
  readonly collection: number;
  readonly objectId: string;
}

/** A token of a subject's object, and the rows that it may be made by. */
export interface SubjectToken {
  readonly write: TokenWrite;
  readonly subjects: readonly HeldSubject[];
}

/**
 * Inserts tokens as {@link insertTokens} does, each only while all its subjects still have their objects, whoever else has got one of these is among them, and none of them is erased or
 * suspended; whoever changes that waits until this is committed. Returns the rows of those it inserted, other callers' among them.
 */
export function insertTokensOfSubjects(items: readonly SubjectToken[]): Statement {
  const tokens = items.map(({ write }) => write);
  const wanted = items.flatMap(({ write, subjects }) =>
    subjects.map((each) => ({ ...each, token: write.id })),
  );
  return {
    name: 'token-insert-of-subjects',
    mergeable: { items, merge: insertTokensOfSubjects },
    // The tokens come out of a table of their own, so that rows of subjects are always locked before rows of objects, as everywhere.
    text: `with held as materialized (
        select s.hash, s.collection_id, s.object_id, s.alias from idp_subject s
         where s.hash = any($17) and s.erased_at is null and s.suspended_at is null order by s.hash for share
      ), t as materialized (
        select * from ${GIVEN} where not exists (
          select from unnest($17::bytea[], $18::uuid[], $19::int[], $20::uuid[]) as wanted (hash, token, collection_id, object_id)
           where wanted.token = t.id and (not exists (
             select from held h where h.hash = wanted.hash and h.collection_id = wanted.collection_id and h.object_id = wanted.object_id)
             or not exists (
             select from held h where h.collection_id = wanted.collection_id and h.object_id = wanted.object_id and h.alias is null)))
      ) ${insertFrom('t')} returning id`,
    values: [
      ...valuesOf(tokens),
      wanted.map(({ hash }) => hash),
      wanted.map(({ token }) => token),
      wanted.map(({ collection }) => collection),
      wanted.map(({ objectId }) => objectId),
    ],
  };
}

const COLUMNS =
  'id, collection_id, hash, lookup_version, type, scope, object_id, tenant, revision, sealed, meta, tags, expires_at, created_at, modified_at, value_hash';

const TYPES =
  'uuid int bytea int text text uuid text int bytea bytea text timestamptz timestamptz timestamptz bytea'.split(
    ' ',
  );

/** Each list in a subquery, so that the statement is not planned anew for each number of tokens (docs/adr/0057). */
const GIVEN = `unnest(${TYPES.map((type, i) => `(select $${i + 1}::${type}[])`).join(', ')})
          as t (${COLUMNS})`;

function insertFrom(given: string): string {
  return `insert into token (${COLUMNS})
      select t.id, t.collection_id, t.hash, t.lookup_version, t.type, t.scope, t.object_id, t.tenant, t.revision, t.sealed, t.meta, t.tags::bytea[], t.expires_at, t.created_at, t.modified_at, t.value_hash
        from ${given}
       where t.object_id is null
          or exists (select from object o where o.collection_id = t.collection_id and o.id = t.object_id for key share)`;
}

function valuesOf(tokens: readonly TokenWrite[]): unknown[] {
  return [
    tokens.map((token) => token.id),
    tokens.map((token) => token.collection),
    tokens.map((token) => token.hash),
    tokens.map((token) => token.lookupVersion),
    tokens.map((token) => token.type),
    tokens.map((token) => token.scope),
    tokens.map((token) => token.objectId),
    tokens.map((token) => token.tenant),
    tokens.map((token) => token.revision),
    tokens.map((token) => token.sealed),
    tokens.map((token) => token.meta),
    tokens.map((token) => arrayLiteral(token.tags)),
    tokens.map((token) => token.expiresAt),
    tokens.map((token) => token.createdAt),
    tokens.map((token) => token.modifiedAt),
    tokens.map((token) => token.valueHash),
  ];
}

/** Inserts the key rows of tokens that belong to no object. */
export function insertTokenKeys(
  collection: number,
  keys: readonly { readonly record: string; readonly key: WrappedObjectKey }[],
): Statement {
  return {
    name: 'token-key-insert',
    text: `insert into keystore.object_key (collection_id, record_id, key_id, keyset_id, keyset_version, wrapped)
           select $1, * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::bytea[])`,
    values: [
      collection,
      keys.map(({ record }) => record),
      keys.map(({ key }) => key.keyId),
      keys.map(({ key }) => key.keysetId),
      keys.map(({ key }) => key.keysetVersion),
      keys.map(({ key }) => key.wrapped),
    ],
  };
}

/**
 * Rewrites tokens that are still at the revision before the new one: hash, snapshot, sealed part, tags, expiry and values. All or
 * none: one that was changed meanwhile is PV3218.
 */
export function changeTokens(
  collection: number,
  changes: readonly { readonly from: Buffer; readonly to: TokenWrite }[],
): Statement {
  return {
    name: 'token-change',
    mustReturn: changes.length,
    text: `update token t set hash = c.hash, lookup_version = c.lookup_version, sealed = c.sealed, meta = c.meta,
              tags = c.tags::bytea[], expires_at = c.expires_at, revision = c.revision,
              modified_at = c.modified_at, value_hash = c.value_hash
        from unnest($2::uuid[], $3::bytea[], $4::bytea[], $5::int[], $6::bytea[], $7::bytea[], $8::text[], $9::timestamptz[], $10::int[], $11::timestamptz[], $12::bytea[])
          as c (id, old_hash, hash, lookup_version, sealed, meta, tags, expires_at, revision, modified_at, value_hash)
       where t.collection_id = $1 and t.hash = c.old_hash and t.id = c.id and t.revision = c.revision - 1
   returning t.id`,
    values: [
      collection,
      changes.map(({ to }) => to.id),
      changes.map(({ from }) => from),
      changes.map(({ to }) => to.hash),
      changes.map(({ to }) => to.lookupVersion),
      changes.map(({ to }) => to.sealed),
      changes.map(({ to }) => to.meta),
      changes.map(({ to }) => arrayLiteral(to.tags)),
      changes.map(({ to }) => to.expiresAt),
      changes.map(({ to }) => to.revision),
      changes.map(({ to }) => to.modifiedAt),
      changes.map(({ to }) => to.valueHash),
    ],
  };
}

/** Deletes tokens, and the keys of those that had one of their own. Returns a row per token deleted. */
export function deleteTokens(
  collection: number,
  tokens: readonly { readonly id: string; readonly hash: Buffer }[],
): Statement {
  return {
    name: 'token-delete',
    text: `with gone as (
        delete from token t using unnest($2::uuid[], $3::bytea[]) as d (id, hash)
         where t.collection_id = $1 and t.hash = d.hash and t.id = d.id returning t.id, t.object_id
      ), keys as (
        delete from keystore.object_key where collection_id = $1 and record_id in (select id from gone where object_id is null)
      ) select id from gone`,
    values: [collection, tokens.map(({ id }) => id), tokens.map(({ hash }) => hash)],
  };
}

/** An array as text: unnest would flatten a list of lists, a literal per row stays one element. */
function arrayLiteral(tags: readonly Buffer[]): string {
  return `{${tags.map((tag) => `"\\\\x${tag.toString('hex')}"`).join(',')}}`;
}
