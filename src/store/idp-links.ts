import type { Database, Statement } from './database.js';
import type { Alias, StoredProvenance } from './find-idp-subjects.js';
import {
  OBJECT_COLUMNS,
  OBJECT_KEY_JOIN,
  type ObjectColumns,
  type ObjectRow,
  objectRowOf,
} from './objects/object-row.js';

/**
 * Locks rows of subjects, and of all who have some objects, in one order: whoever needs more than one of them waits for the others instead of each for
 * the other. What changes rows and objects takes the rows first.
 */
export function lockSubjects(
  hashes: readonly Buffer[],
  collection = 0,
  objectIds: readonly string[] = [],
): Statement {
  return {
    name: 'idp-subject-lock',
    // Of two indexes one has the aliases and the other everybody else.
    text: `select from idp_subject where hash = any($1) or (collection_id = $2 and object_id = any($3) and alias is null)
               or (collection_id = $2 and object_id = any($3) and alias is not null)
            order by hash for update`,
    values: [hashes, collection, objectIds],
  };
}

/** PV3218 where nobody has the object any more: whoever had it was linked to somebody else meanwhile. To be run with the rows locked. */
export function requireHolder(collection: number, objectId: string): Statement {
  return {
    name: 'idp-subject-holder',
    mustReturn: 1,
    text: 'select 1 from idp_subject where collection_id = $1 and object_id = $2 and alias is null',
    values: [collection, objectId],
  };
}

/** Locks objects in one order. */
export function lockObjects(collection: number, ids: readonly string[]): Statement {
  return {
    name: 'idp-object-lock',
    text: 'select from object where collection_id = $1 and id = any($2) order by id for update',
    values: [collection, ids],
  };
}

/** What is linked: a subject that has `from` gets `to`, which is another's. */
export interface Relink {
  readonly collection: number;
  readonly from: string;
  readonly to: string;
}

/** Makes a known subject an alias. PV3218 where it has another object, or was erased, meanwhile. */
export function aliasSubject(hash: Buffer, { collection, from, to }: Relink, alias: Alias): Statement {
  return {
    name: 'idp-subject-alias',
    mustReturn: 1,
    text: `update idp_subject set object_id = $4, alias = $5, fresh = false, provenance = '{}', unlinked_at = null
            where hash = $1 and collection_id = $2 and object_id = $3 and erased_at is null returning 1`,
    values: [hash, collection, from, to, alias],
  };
}

/** Whoever was linked to a subject that is linked itself now goes with it. */
export function moveAliases({ collection, from, to }: Relink): Statement {
  return {
    name: 'idp-subject-move-aliases',
    text: 'update idp_subject set object_id = $3 where collection_id = $1 and object_id = $2 and alias is not null',
    values: [collection, from, to],
  };
}

/** Gives a subject without an object of its own the one that another has had. PV3218 where it was erased or linked meanwhile. */
export function takeOverObject(
  hash: Buffer,
  { collection, from, to }: Relink,
  provenance: StoredProvenance,
): Statement {
  return {
    name: 'idp-subject-take-over',
    mustReturn: 1,
    text: `update idp_subject set object_id = $4, fresh = false, provenance = $5
            where hash = $1 and collection_id = $2 and object_id = $3 and alias is null and erased_at is null returning 1`,
    values: [hash, collection, from, to, JSON.stringify(provenance)],
  };
}

/** Makes an alias somebody of their own, whose object will be a new one. PV3218 where it is none of that object any more. */
export function unlinkSubject(hash: Buffer, { collection, from, to }: Relink, now: Date): Statement {
  return {
    name: 'idp-subject-unlink',
    mustReturn: 1,
    text: `update idp_subject set object_id = $4, alias = null, fresh = true, provenance = '{}', unlinked_at = $5
            where hash = $1 and collection_id = $2 and object_id = $3 and alias is not null and erased_at is null returning 1`,
    values: [hash, collection, from, to, now],
  };
}

/** Remembers an object that went into another's, to be deleted when its grace is over. */
export function insertMerged(
  collection: number,
  objectId: string,
  issuerHash: Buffer,
  now: Date,
  deleteAt: Date,
): Statement {
  return {
    name: 'idp-merged-insert',
    text: `insert into idp_merged_object (collection_id, object_id, issuer_hash, merged_at, delete_at) values ($1, $2, $3, $4, $5)
           on conflict (collection_id, object_id) do update set merged_at = excluded.merged_at, delete_at = excluded.delete_at`,
    values: [collection, objectId, issuerHash, now, deleteAt],
  };
}

/** Deletes all tokens of an object. To be run after whatever makes tokens of it has been locked out. */
export function deleteTokensOf(collection: number, objectId: string): Statement {
  return {
    name: 'idp-delete-tokens',
    text: 'delete from token where collection_id = $1 and object_id = $2',
    values: [collection, objectId],
  };
}

/** What a person owns, at most so much of it. */
export async function findOwned(
  database: Database,
  owner: { readonly collection: number; readonly id: string },
  most: number,
): Promise<ObjectRow[]> {
  const rows = await database.run<ObjectColumns>({
    name: 'idp-owned-find',
    text: `select ${OBJECT_COLUMNS} from object o ${OBJECT_KEY_JOIN}
            where o.owner_collection_id = $1 and o.owner_id = $2 order by o.collection_id, o.id limit $3`,
    values: [owner.collection, owner.id, most],
  });
  return rows.map(objectRowOf);
}

/** PV3218 where somebody owns anything: something was added meanwhile. */
export function requireNothingOwned(owner: { readonly collection: number; readonly id: string }): Statement {
  return {
    name: 'idp-owned-none',
    mustReturn: 1,
    text: 'select 1 where not exists (select from object where owner_collection_id = $1 and owner_id = $2)',
    values: [owner.collection, owner.id],
  };
}

/** What is known of subjects that a provider shows to be linked. */
export interface ShownSubject {
  readonly hash: Buffer;
  readonly objectId: string;
  readonly alias: Alias | null;
  readonly unlinkedAt: Date | null;
}

/** Those of some subjects that are known, in one look. */
export async function findShown(database: Database, hashes: readonly Buffer[]): Promise<ShownSubject[]> {
  return database.run({
    name: 'idp-subject-shown',
    text: `select hash, object_id as "objectId", alias, unlinked_at as "unlinkedAt" from idp_subject where hash = any($1)`,
    values: [hashes],
  });
}
