import type { Database, Statement } from './database.js';
import {
  IN_LIFECYCLE,
  OBJECT_COLUMNS,
  OBJECT_KEY_JOIN,
  type ObjectColumns,
  type ObjectRow,
  objectRowOf,
} from './objects/object-row.js';

/** By property id where its value came from: connection, milliseconds since 1970 or null, verified or null. */
export type StoredProvenance = Readonly<Record<string, readonly [string, number | null, boolean | null]>>;

/** What is looked for: whoever has one of the hashes, and the object they have or would get. */
export interface SubjectQuery {
  readonly collection: number;
  /** Under every lookup version there is. */
  readonly hashes: readonly Buffer[];
  /** Of somebody whom the subject turns out to be where nobody has one of `hashes`. */
  readonly claimed: readonly Buffer[];
  readonly derivedId: string;
  /** An object that is taken over where nobody is linked to it; null: none. */
  readonly adopt: string | null;
  readonly tenant: string;
}

/** What is kept of a subject besides its object. */
export interface SubjectRow {
  readonly hash: Buffer;
  readonly provenance: StoredProvenance;
  readonly erasedAt: Date | null;
}

/** A subject with its object, each as far as it is there. */
export interface FoundSubject {
  readonly row: SubjectRow | null;
  readonly objectId: string;
  readonly object: ObjectRow | null;
  readonly active: boolean;
}

interface SubjectColumns extends ObjectColumns {
  linked_id: string;
  s_hash: Buffer | null;
  s_provenance: StoredProvenance;
  s_erased_at: Date | null;
  active: boolean | null;
}

/** A subject and its object in one statement. The row's object outranks the one to be adopted, and that the derived one. */
export async function findSubject(database: Database, query: SubjectQuery): Promise<FoundSubject> {
  const rows = await database.run<SubjectColumns>({
    name: 'idp-subject-find',
    text: `with subject as (
        select hash, object_id, provenance, erased_at from idp_subject where hash = any($2)
         order by hash = any($6), lookup_version desc limit 1
      ), linked as (
        select coalesce(
          (select object_id from subject),
          (select f.id from object f where f.collection_id = $1 and f.id = $4 and f.tenant = $5
              and not exists (select from idp_subject other where other.collection_id = $1 and other.object_id = f.id)),
          $3::uuid) as id
      )
      select linked.id as linked_id, s.hash as s_hash, s.provenance as s_provenance, s.erased_at as s_erased_at,
             ${IN_LIFECYCLE.active} as active, ${OBJECT_COLUMNS}
        from linked left join subject s on true left join object o on o.collection_id = $1 and o.id = linked.id ${OBJECT_KEY_JOIN}`,
    values: [
      query.collection,
      [...query.hashes, ...query.claimed],
      query.derivedId,
      query.adopt,
      query.tenant,
      query.claimed,
    ],
  });
  return foundOf(rows[0]!);
}

/**
 * What {@link findSubject} finds for each of many, in their order, by one statement. They are of one collection and tenant.
 */
export async function findSubjects(
  database: Database,
  queries: readonly SubjectQuery[],
): Promise<FoundSubject[]> {
  const [first] = queries;
  if (!first) return [];
  const named = queries.flatMap(({ hashes, claimed }, n) => [
    ...hashes.map((hash) => ({ n, hash, claimed: false })),
    ...claimed.map((hash) => ({ n, hash, claimed: true })),
  ]);
  const rows = await database.run<SubjectColumns & { n: number }>({
    name: 'idp-subjects-find',
    text: `with asked as (
        select * from unnest($2::int[], $3::uuid[], $4::uuid[]) as a (n, derived, adopt)
      ), named as (
        select * from unnest($5::int[], $6::bytea[], $7::boolean[]) as h (n, hash, claimed)
      ), subject as (
        select distinct on (h.n) h.n, s.hash, s.object_id, s.provenance, s.erased_at
          from named h join idp_subject s on s.hash = h.hash order by h.n, h.claimed, s.lookup_version desc
      ), linked as (
        select a.n, coalesce(
          s.object_id,
          (select f.id from object f where f.collection_id = $1 and f.id = a.adopt and f.tenant = $8
              and not exists (select from idp_subject other where other.collection_id = $1 and other.object_id = f.id)),
          a.derived) as id
          from asked a left join subject s on s.n = a.n
      )
      select linked.n, linked.id as linked_id, s.hash as s_hash, s.provenance as s_provenance, s.erased_at as s_erased_at,
             ${IN_LIFECYCLE.active} as active, ${OBJECT_COLUMNS}
        from linked left join subject s on s.n = linked.n
        left join object o on o.collection_id = $1 and o.id = linked.id ${OBJECT_KEY_JOIN} order by linked.n`,
    values: [
      first.collection,
      queries.map((_, n) => n),
      queries.map(({ derivedId }) => derivedId),
      queries.map(({ adopt }) => adopt),
      named.map(({ n }) => n),
      named.map(({ hash }) => hash),
      named.map(({ claimed }) => claimed),
      first.tenant,
    ],
  });
  return rows.map(foundOf);
}

function foundOf(row: SubjectColumns): FoundSubject {
  return {
    row: row.s_hash && { hash: row.s_hash, provenance: row.s_provenance, erasedAt: row.s_erased_at },
    objectId: row.linked_id,
    object: row.id ? objectRowOf(row) : null,
    active: row.active ?? false,
  };
}

/** Whoever is linked to an object, or was before they were erased. */
export async function findSubjectOf(
  database: Database,
  collection: number,
  objectId: string,
): Promise<SubjectRow | null> {
  const [row] = await database.run<{ hash: Buffer; provenance: StoredProvenance; erased_at: Date | null }>({
    name: 'idp-subject-of',
    text: 'select hash, provenance, erased_at from idp_subject where collection_id = $1 and object_id = $2',
    values: [collection, objectId],
  });
  return row ? { hash: row.hash, provenance: row.provenance, erasedAt: row.erased_at } : null;
}

/** A subject as it becomes known. */
export interface NewSubject {
  readonly hash: Buffer;
  readonly lookupVersion: number;
  readonly issuerHash: Buffer;
  readonly collection: number;
  readonly objectId: string;
  readonly provenance: StoredProvenance;
  readonly now: Date;
  /** Set for a tombstone. */
  readonly erasure: { readonly deleteAt: Date } | null;
}

/** Links a subject. Throws UniqueViolation where somebody else was faster, or another subject has the object. */
export function insertSubject(subject: NewSubject): Statement {
  return {
    name: 'idp-subject-insert',
    mergeable: { items: [subject], merge: insertSubjects },
    text: `insert into idp_subject (hash, lookup_version, issuer_hash, collection_id, object_id, provenance, linked_at, erased_at, delete_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      subject.hash,
      subject.lookupVersion,
      subject.issuerHash,
      subject.collection,
      subject.objectId,
      JSON.stringify(subject.provenance),
      subject.now,
      subject.erasure ? subject.now : null,
      subject.erasure?.deleteAt ?? null,
    ],
  };
}

/** Links subjects as {@link insertSubject} does each, but says of several violations only one. */
function insertSubjects(subjects: readonly NewSubject[]): Statement {
  return {
    name: 'idp-subject-insert-many',
    text: `insert into idp_subject (hash, lookup_version, issuer_hash, collection_id, object_id, provenance, linked_at, erased_at, delete_at)
           select hash, version, issuer, collection, object, provenance::jsonb, linked, erased, due
             from unnest($1::bytea[], $2::int[], $3::bytea[], $4::int[], $5::uuid[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[])
               as s (hash, version, issuer, collection, object, provenance, linked, erased, due)`,
    values: [
      subjects.map(({ hash }) => hash),
      subjects.map(({ lookupVersion }) => lookupVersion),
      subjects.map(({ issuerHash }) => issuerHash),
      subjects.map(({ collection }) => collection),
      subjects.map(({ objectId }) => objectId),
      subjects.map(({ provenance }) => JSON.stringify(provenance)),
      subjects.map(({ now }) => now),
      subjects.map(({ erasure, now }) => (erasure ? now : null)),
      subjects.map(({ erasure }) => erasure?.deleteAt ?? null),
    ],
  };
}

/** What a subject is found by. */
export type SubjectName = Pick<NewSubject, 'hash' | 'lookupVersion' | 'issuerHash'>;

/** Makes a row another subject's. PV3218 where it is not there any more or was erased; throws UniqueViolation where that subject has one. */
export function moveSubject(from: Buffer, { hash, lookupVersion, issuerHash }: SubjectName): Statement {
  return {
    name: 'idp-subject-move',
    mustReturn: 1,
    text: `update idp_subject set hash = $2, lookup_version = $3, issuer_hash = $4 where hash = $1 and erased_at is null returning 1`,
    values: [from, hash, lookupVersion, issuerHash],
  };
}

/** Adds to where values of a subject came from. PV3218 where the subject was erased meanwhile. */
export function extendProvenance(hash: Buffer, provenance: StoredProvenance): Statement {
  return {
    name: 'idp-subject-provenance',
    mustReturn: 1,
    text: `update idp_subject set provenance = provenance || $2::jsonb where hash = $1 and erased_at is null returning 1`,
    values: [hash, JSON.stringify(provenance)],
  };
}

/** Makes a subject's row its tombstone. PV3218 where it is one already. */
export function markErased(hash: Buffer, erasedAt: Date, deleteAt: Date): Statement {
  return {
    name: 'idp-subject-erase',
    mustReturn: 1,
    text: `update idp_subject set erased_at = $2, delete_at = $3, provenance = '{}' where hash = $1 and erased_at is null returning 1`,
    values: [hash, erasedAt, deleteAt],
  };
}

/** How many subjects of an issuer were erased since a moment. */
export async function countErasures(
  database: Database,
  issuerHashes: readonly Buffer[],
  since: Date,
): Promise<number> {
  const rows = await database.run<{ count: string }>({
    name: 'idp-subject-erasures',
    text: 'select count(*) as count from idp_subject where issuer_hash = any($1) and erased_at > $2',
    values: [issuerHashes, since],
  });
  return Number(rows[0]!.count);
}

/** Objects of erased subjects whose grace is over and that nobody has brought back meanwhile. */
export async function findDueErasures(
  database: Database,
  now: Date,
  most: number,
): Promise<{ collection: number; objectId: string }[]> {
  return database.run({
    name: 'idp-subject-due',
    text: `select s.collection_id as collection, s.object_id as "objectId" from idp_subject s
            where s.delete_at <= $1 and not exists (
              select from object o where o.collection_id = s.collection_id and o.id = s.object_id and ${IN_LIFECYCLE.active})
            order by s.delete_at limit $2`,
    values: [now, most],
  });
}

/** Says that nothing of erased subjects is left but their tombstones. */
export function settleErasures(collection: number, objectIds: readonly string[]): Statement {
  return {
    name: 'idp-subject-settle',
    text: 'update idp_subject set delete_at = null where collection_id = $1 and object_id = any($2) and erased_at is not null',
    values: [collection, objectIds],
  };
}
