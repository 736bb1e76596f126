import { Batches } from './batches.js';
import type { Database } from './database.js';
import {
  IN_LIFECYCLE,
  OBJECT_COLUMNS,
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

/** How a subject came to have another's object: somebody said so, or the provider showed it. */
export type Alias = 'told' | 'shown';

/** What is kept of a subject besides its object. Of one that is linked to another it is the other's, but for its own status. */
export interface SubjectRow {
  readonly hash: Buffer;
  /** The row of whoever has the object: this one, unless it is an alias. */
  readonly holder: Buffer;
  readonly alias: Alias | null;
  /** No object was made of it yet. */
  readonly isFresh: boolean;
  readonly provenance: StoredProvenance;
  readonly erasedAt: Date | null;
  /** Itself, or whoever has the object. */
  readonly isSuspended: boolean;
  readonly unlinkedAt: Date | null;
  /** When the provider last said whether it is suspended, by its clock. */
  readonly statusAt: Date | null;
}

/** A subject with its object, each as far as it is there. */
export interface FoundSubject {
  readonly row: SubjectRow | null;
  readonly objectId: string;
  readonly object: ObjectRow | null;
  readonly active: boolean;
}

/** A row `s` of its own and `h`, of whoever has the object. */
const SUBJECT_COLUMNS = `s.hash as s_hash, h.hash as s_holder, s.alias as s_alias, coalesce(h.fresh, s.fresh) as s_fresh, h.provenance as s_provenance,
  coalesce(s.erased_at, h.erased_at) as s_erased_at, s.suspended_at is not null or h.suspended_at is not null as s_suspended,
  s.unlinked_at as s_unlinked_at, s.status_at as s_status_at`;

const HOLDER_JOIN = `left join idp_subject h on h.collection_id = s.collection_id and h.object_id = s.object_id and h.alias is null`;

interface SubjectColumns {
  s_hash: Buffer;
  s_holder: Buffer | null;
  s_alias: Alias | null;
  s_fresh: boolean;
  s_provenance: StoredProvenance | null;
  s_erased_at: Date | null;
  s_suspended: boolean;
  s_unlinked_at: Date | null;
  s_status_at: Date | null;
}

interface FoundColumns extends ObjectColumns, Omit<SubjectColumns, 's_hash'> {
  linked_id: string;
  s_hash: Buffer | null;
  active: boolean | null;
}

/** Looked up by one statement: more would keep each other waiting. */
const MOST_SHARED = 100;
const shared = new WeakMap<Database, Batches<SubjectQuery, FoundSubject>>();

/** What {@link findSubjects} finds for one. Whoever asks at about the same time shares the statement, and gets what they would have got alone. */
export function findSubject(database: Database, query: SubjectQuery): Promise<FoundSubject> {
  let batches = shared.get(database);
  if (!batches) {
    batches = new Batches((queries) => findSubjects(database, queries), MOST_SHARED);
    shared.set(database, batches);
  }
  return batches.add(query);
}

/** Subjects and their objects, in the order of the queries, by one statement. The row's object outranks the one to be adopted, and that the derived one. */
export async function findSubjects(
  database: Database,
  queries: readonly SubjectQuery[],
): Promise<FoundSubject[]> {
  if (queries.length === 0) return [];
  const named = queries.flatMap(({ hashes, claimed }, n) => [
    ...hashes.map((hash) => ({ n, hash, claimed: false })),
    ...claimed.map((hash) => ({ n, hash, claimed: true })),
  ]);
  const rows = await database.run<FoundColumns>({
    name: 'idp-subjects-find',
    // Each subquery is looked up by its key alone, for one subject after the other. Joins could be planned for tables that are still nearly empty, and such a plan reads
    // the whole tables until PostgreSQL analyses them, which is a minute into an import. For the other subqueries see docs/adr/0057.
    text: `with asked as (
        select * from unnest((select $1::int[]), (select $2::text[]), (select $3::uuid[]), (select $4::uuid[]))
                 with ordinality as a (collection_id, tenant, derived, adopt, n)
      ), named as (
        select * from unnest((select $5::int[]), (select $6::bytea[]), (select $7::boolean[])) as h (n, hash, claimed)
      ), subject as (
        select distinct on (a.n) a.n, s.*
          from named a cross join lateral (select * from idp_subject where hash = a.hash limit 1) s order by a.n, a.claimed, s.lookup_version desc
      ), linked as (
        select a.n, a.collection_id, coalesce(
          s.object_id,
          (select f.id from object f where f.collection_id = a.collection_id and f.id = a.adopt and f.tenant = a.tenant
              and not exists (select from idp_subject other
                               where other.collection_id = a.collection_id and other.object_id = f.id and other.alias is null)),
          a.derived) as id
          from asked a left join subject s on s.n = a.n
      )
      select linked.id as linked_id, ${SUBJECT_COLUMNS}, ${IN_LIFECYCLE.active} as active, ${OBJECT_COLUMNS}
        from linked left join subject s on s.n = linked.n
        left join lateral (select * from idp_subject
                            where collection_id = s.collection_id and object_id = s.object_id and alias is null limit 1) h on true
        left join lateral (select * from object where collection_id = linked.collection_id and id = linked.id limit 1) o on true
        left join lateral (select * from keystore.object_key where collection_id = o.collection_id and record_id = o.id limit 1) k on true
       order by linked.n`,
    values: [
      queries.map(({ collection }) => collection),
      queries.map(({ tenant }) => tenant),
      queries.map(({ derivedId }) => derivedId),
      queries.map(({ adopt }) => adopt),
      // Counted from 1, as PostgreSQL does.
      named.map(({ n }) => n + 1),
      named.map(({ hash }) => hash),
      named.map(({ claimed }) => claimed),
    ],
  });
  return rows.map(foundOf);
}

function foundOf(row: FoundColumns): FoundSubject {
  return {
    row: row.s_hash && subjectRowOf({ ...row, s_hash: row.s_hash }),
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
  const [row] = await database.run<SubjectColumns>({
    name: 'idp-subject-of',
    text: `select ${SUBJECT_COLUMNS} from idp_subject s ${HOLDER_JOIN}
            where s.collection_id = $1 and s.object_id = $2 and s.alias is null`,
    values: [collection, objectId],
  });
  return row ? subjectRowOf(row) : null;
}

function subjectRowOf(row: SubjectColumns): SubjectRow {
  return {
    hash: row.s_hash,
    holder: row.s_holder ?? row.s_hash,
    alias: row.s_alias,
    isFresh: row.s_fresh,
    provenance: row.s_provenance ?? {},
    erasedAt: row.s_erased_at,
    isSuspended: row.s_suspended,
    unlinkedAt: row.s_unlinked_at,
    statusAt: row.s_status_at,
  };
}
