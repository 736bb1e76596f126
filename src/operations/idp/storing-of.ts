import type { LinkedSubject } from '../../crypto/index.js';
import type { LoginEvent } from '../../idp/event.js';
import type { Candidate } from '../../idp/plan-login.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { Statement } from '../../store/database.js';
import { lockSubjects } from '../../store/idp-links.js';
import { extendProvenance, insertSubject, moveSubject } from '../../store/change-idp-subjects.js';
import type { FoundSubject, StoredProvenance } from '../../store/find-idp-subjects.js';
import type { IndexedValue } from '../../store/objects/object-row.js';
import type { HeldSubject } from '../../store/tokens/change-tokens.js';
import type { KnownCollection } from '../collection-named.js';
import type { OpenObject } from '../objects/open-object.js';
import { expirationOfNewObjects } from '../objects/owners.js';
import { prepareObject } from '../objects/prepare-object.js';
import type { FieldText, ReadFields } from '../objects/read-fields.js';
import { type TokenSource, sourceOfFields, sourceOfObject } from '../tokens/token-sources.js';
import type { Vault } from '../vault.js';
import { changeLinked } from './change-linked.js';
import type { IdpCall } from './hook-of.js';
import { type Account, guardMember, holdersOf, userHashOf } from './member-of.js';
import { nameOf, subjectHashes } from './subject-of.js';

/** Whose login it is, and where it came from. */
export interface StoringContext {
  readonly call: IdpCall;
  readonly vault: Vault;
  readonly collection: KnownCollection;
  readonly hook: IdpHook;
  readonly event: LoginEvent;
  readonly subject: LinkedSubject;
}

/** What storing makes of the object: the statements that do it, and what a token can be made of. */
export interface Storing {
  readonly statements: readonly Statement[];
  readonly indexes: readonly IndexedValue[];
  readonly source: TokenSource;
  /** The rows by which the subject then has the object. */
  readonly subjects: readonly HeldSubject[];
}

/** What was found: the subject's row, and the object with its key open. */
interface Before {
  /** Whom it is of, where it is what a user is in an organization. */
  readonly account: Account | null;
  readonly objectId: string;
  readonly subject: FoundSubject;
  readonly object: OpenObject | null;
}

/**
 * The statements that bring object and row of a subject to where they shall be, the row's first: whoever changes both takes them in this order. Nothing is
 * stored yet.
 */
export async function storingOf(
  context: StoringContext,
  before: Before,
  writes: readonly Candidate[],
): Promise<Storing> {
  const storing = await ownStoringOf(context, before, writes);
  const { account, subject } = before;
  if (!account) return storing;
  const { call, vault } = context;
  const guard = storing.statements.length > 0 ? guardMember(call, vault, account, subject.row) : [];
  return {
    ...storing,
    statements: [...guard, ...storing.statements],
    subjects: [...storing.subjects, ...holdersOf(vault, account)],
  };
}

async function ownStoringOf(
  context: StoringContext,
  { object, subject: { row }, objectId, account }: Before,
  writes: readonly Candidate[],
): Promise<Storing> {
  const { call, vault, collection } = context;
  const name = nameOf(vault, context.subject);
  const isAnothers =
    row !== null && !subjectHashes(vault, context.subject).some((hash) => hash.equals(row.hash));
  const move = row && isAnothers ? [moveSubject(row.hash, name)] : [];
  const holder = row && !isAnothers ? row.holder : name.hash;
  const hashes = row?.alias ? [row.hash, holder] : [holder];
  const subjects = hashes.map((hash) => ({ hash, collection: collection.id, objectId }));
  const lock = row?.alias ? [lockSubjects(hashes)] : [];
  const link = row
    ? extendProvenance(holder, objectId, provenanceOf(context, writes))
    : linkOf(context, objectId, writes, account);
  if (object && writes.length === 0) {
    // An object without a row was taken over: from now on the subject's events find it. A row without one of its own has this one from now on.
    const rows = row && !row.isFresh ? move : [...lock, ...move, link];
    return { statements: rows, indexes: [], source: sourceOfObject(object), subjects };
  }
  if (object) {
    const fields = fieldsOf(context, writes);
    const { changed, statement, indexes } = await changeLinked(call, vault, collection, object, fields);
    return {
      statements: [...lock, ...move, link, statement],
      indexes,
      source: sourceOfObject(changed),
      subjects,
    };
  }

  const read = { ...readAs(context, writes), id: objectId };
  const expiresAt = expirationOfNewObjects(call, vault, undefined)(read);
  const added = await prepareObject(call, vault, collection, read, expiresAt);
  const source = sourceOfFields(read.fields, read.tenant, added);
  return { statements: [...lock, ...move, link, added.statement], indexes: added.indexes, source, subjects };
}

/** The values as a request for a new object would say them. */
function readAs(context: StoringContext, writes: readonly Candidate[]): ReadFields {
  const { tenant } = context.hook;
  return {
    fields: fieldsOf(context, writes),
    id: undefined,
    tenant: tenant === '' ? undefined : tenant,
    owner: undefined,
  };
}

function fieldsOf({ collection }: StoringContext, writes: readonly Candidate[]): FieldText[] {
  return writes.map(({ property, text }) => ({ property: collection.own.get(property)!, text }));
}

function linkOf(
  context: StoringContext,
  objectId: string,
  writes: readonly Candidate[],
  account: Account | null,
): Statement {
  const { call, collection } = context;
  return insertSubject({
    ...nameOf(context.vault, context.subject),
    collection: collection.id,
    objectId,
    provenance: provenanceOf(context, writes),
    now: call.startedAt,
    erasure: null,
    ...(account && { userHash: userHashOf(context.vault, account) }),
  });
}

function provenanceOf({ collection, event }: StoringContext, writes: readonly Candidate[]): StoredProvenance {
  const at = event.updatedAt?.getTime() ?? null;
  return Object.fromEntries(
    writes.map(({ property, verified }) => [
      collection.own.get(property)!.id,
      [event.connection.name, at, verified ?? null],
    ]),
  );
}
