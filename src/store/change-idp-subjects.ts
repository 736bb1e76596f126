import type { Statement } from './database.js';
import type { Alias, StoredProvenance, SubjectRow } from './find-idp-subjects.js';

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
  /** Set where the object is another subject's. */
  readonly alias?: Alias;
  /** Set where no object is made of it yet. */
  readonly fresh?: { readonly suspendedAt: Date | null; readonly statusAt: Date | null };
  /** Set where it is what a user is in an organization: the user's own row. */
  readonly userHash?: Buffer;
}

/** Links a subject. Throws UniqueViolation where somebody else was faster, or another subject has the object. */
export function insertSubject(subject: NewSubject): Statement {
  return {
    name: 'idp-subject-insert',
    mergeable: { items: [subject], merge: insertSubjects },
    text: `insert into idp_subject (hash, lookup_version, issuer_hash, collection_id, object_id, provenance, linked_at, erased_at, delete_at,
             alias, fresh, suspended_at, status_at, user_hash)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
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
      subject.alias ?? null,
      subject.fresh !== undefined,
      subject.fresh?.suspendedAt ?? null,
      subject.fresh?.statusAt ?? null,
      subject.userHash ?? null,
    ],
  };
}

/** Links subjects as {@link insertSubject} does each, but says of several violations only one. */
function insertSubjects(unordered: readonly NewSubject[]): Statement {
  // In one order, whoever inserts them: two who insert the same then wait for one another instead of each for the other.
  const subjects = [...unordered].sort((a, b) => Buffer.compare(a.hash, b.hash));
  return {
    name: 'idp-subject-insert-many',
    text: `insert into idp_subject (hash, lookup_version, issuer_hash, collection_id, object_id, provenance, linked_at, erased_at, delete_at,
             alias, fresh, suspended_at, status_at, user_hash)
           select hash, version, issuer, collection, object, provenance::jsonb, linked, erased, due, alias, fresh, suspended, status, owner
             from unnest($1::bytea[], $2::int[], $3::bytea[], $4::int[], $5::uuid[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[],
                    $10::text[], $11::boolean[], $12::timestamptz[], $13::timestamptz[], $14::bytea[])
               as s (hash, version, issuer, collection, object, provenance, linked, erased, due, alias, fresh, suspended, status, owner)`,
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
      subjects.map(({ alias }) => alias ?? null),
      subjects.map(({ fresh }) => fresh !== undefined),
      subjects.map(({ fresh }) => fresh?.suspendedAt ?? null),
      subjects.map(({ fresh }) => fresh?.statusAt ?? null),
      subjects.map(({ userHash }) => userHash ?? null),
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

/**
 * Adds to where values of whoever has an object came from, which then is there. PV3218 where they were erased, or have another object, meanwhile.
 */
export function extendProvenance(holder: Buffer, objectId: string, provenance: StoredProvenance): Statement {
  return {
    name: 'idp-subject-provenance',
    mustReturn: 1,
    text: `update idp_subject set provenance = provenance || $3::jsonb, fresh = false
            where hash = $1 and object_id = $2 and alias is null and erased_at is null returning 1`,
    values: [holder, objectId, JSON.stringify(provenance)],
  };
}

/**
 * Makes a subject's row its tombstone. An alias's leaves the object alone: `objectId` is then one that nobody has. PV3218 where it is one already,
 * or was linked or unlinked meanwhile.
 */
export function markErased(
  { hash, alias }: SubjectRow,
  objectId: string,
  erasedAt: Date,
  deleteAt: Date | null,
): Statement {
  return {
    name: 'idp-subject-erase',
    mustReturn: 1,
    text: `update idp_subject set erased_at = $3, delete_at = $4, provenance = '{}', alias = null, object_id = $2
            where hash = $1 and erased_at is null and alias is not distinct from $5 and (alias is not null or object_id = $2) returning 1`,
    values: [hash, objectId, erasedAt, deleteAt, alias],
  };
}
