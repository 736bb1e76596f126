import type { Database, Statement } from './database.js';
import type { Relink } from './idp-links.js';
import {
  IN_LIFECYCLE,
  OBJECT_COLUMNS,
  OBJECT_KEY_JOIN,
  type ObjectColumns,
  type ObjectRow,
  objectRowOf,
} from './objects/object-row.js';

/** Users by their rows, and everybody who has an object (null: nobody besides). */
export interface Users {
  readonly hashes: readonly Buffer[];
  readonly collection: number;
  readonly objectId: string | null;
}

/** What a user is in an organization, with the object as far as it is there. */
export interface FoundMember {
  readonly hash: Buffer;
  readonly collection: number;
  readonly objectId: string;
  readonly object: ObjectRow | null;
  readonly active: boolean;
}

interface MemberColumns extends ObjectColumns {
  s_hash: Buffer;
  s_collection: number;
  s_object_id: string;
  active: boolean | null;
}

/** Of two indexes one has the aliases and the other everybody else. */
const OF_USERS = `s.erased_at is null and s.user_hash in (
    select unnest($1::bytea[])
    union all select hash from idp_subject where collection_id = $2 and object_id = $3 and alias is null
    union all select hash from idp_subject where collection_id = $2 and object_id = $3 and alias is not null)`;

/** What users are in all their organizations, but for what was erased. */
export async function findMembers(database: Database, users: Users): Promise<FoundMember[]> {
  const rows = await database.run<MemberColumns>({
    name: 'idp-members-find',
    text: `select s.hash as s_hash, s.collection_id as s_collection, s.object_id as s_object_id, ${IN_LIFECYCLE.active} as active, ${OBJECT_COLUMNS}
             from idp_subject s left join object o on o.collection_id = s.collection_id and o.id = s.object_id ${OBJECT_KEY_JOIN}
            where ${OF_USERS} order by s.hash`,
    values: [users.hashes, users.collection, users.objectId],
  });
  return rows.map((row) => ({
    hash: row.s_hash,
    collection: row.s_collection,
    objectId: row.s_object_id,
    object: row.id ? objectRowOf(row) : null,
    active: row.active ?? false,
  }));
}

/** PV3218 where users are in more organizations than these: something was added meanwhile. To be run with the users' rows locked. */
export function requireMembers(users: Users, members: readonly FoundMember[]): Statement {
  return {
    name: 'idp-members-all',
    mustReturn: 1,
    text: `select 1 where not exists (select from idp_subject s where ${OF_USERS} and not s.hash = any($4))`,
    values: [users.hashes, users.collection, users.objectId, members.map(({ hash }) => hash)],
  };
}

/** Makes rows of what somebody is in organizations tombstones. PV3218 where one is already. */
export function markMembersErased(
  members: readonly FoundMember[],
  erasedAt: Date,
  deleteAt: Date,
): Statement {
  return {
    name: 'idp-members-erase',
    mustReturn: members.length,
    text: `update idp_subject set erased_at = $2, delete_at = $3, provenance = '{}'
            where hash = any($1) and erased_at is null returning 1`,
    values: [members.map(({ hash }) => hash), erasedAt, deleteAt],
  };
}

/** Forgets the object of somebody who left an organization: should they come back, theirs will be a new one. PV3218 where they have another, or were erased, meanwhile. */
export function leaveOrganization(hash: Buffer, { collection, from, to }: Relink, now: Date): Statement {
  return {
    name: 'idp-member-leave',
    mustReturn: 1,
    text: `update idp_subject set object_id = $4, fresh = true, provenance = '{}', unlinked_at = $5
            where hash = $1 and collection_id = $2 and object_id = $3 and erased_at is null returning 1`,
    values: [hash, collection, from, to, now],
  };
}

/** PV3218 where one of the rows was erased meanwhile. To be run with them locked. */
export function requireUnerased(hashes: readonly Buffer[]): Statement {
  return {
    name: 'idp-subject-unerased',
    mustReturn: hashes.length,
    text: 'select 1 from idp_subject where hash = any($1) and erased_at is null',
    values: [hashes],
  };
}
