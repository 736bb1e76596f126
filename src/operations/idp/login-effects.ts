import type { QueryResultRow } from 'pg';
import type { Touch } from '../../policy/decide.js';
import type { Statement } from '../../store/database.js';
import { type FoundSubject, type SubjectQuery, findSubject } from '../../store/find-idp-subjects.js';
import type { IndexedValue } from '../../store/objects/object-row.js';
import type { Call, Facts } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { commitWithUniqueValues } from '../objects/commit-with-unique-values.js';
import { permit } from '../permit.js';
import type { Vault } from '../vault.js';

/** What the log is to say of a login, and what is asked of the policies for it. */
export interface LoginRecord {
  readonly facts: Omit<Facts, 'outcome' | 'rule'>;
  readonly touches: readonly Touch[];
  /** What is looked at without being done. */
  readonly rehearsed?: true;
}

/** What a login changes: all of it or nothing. */
export interface LoginChange {
  readonly indexes: readonly IndexedValue[];
  readonly statements: readonly Statement[];
}

/** How a login reaches the store and the log. */
export interface LoginEffects {
  find(query: SubjectQuery): Promise<FoundSubject>;
  /** Durable when it resolves. */
  record(record: LoginRecord): Promise<void>;
  /** The rows that each statement returned, where the login is by itself. Throws what {@link commitWithUniqueValues} throws. */
  commit(change: LoginChange): Promise<readonly (readonly QueryResultRow[])[]>;
}

/** A login by itself. */
export function effectsAlone(call: Call, vault: Vault, collection: KnownCollection): LoginEffects {
  return {
    find: (query) => findSubject(vault.database, query),
    record: (record) => recordLogin(call, collection, record),
    commit: ({ indexes, statements }) => commitWithUniqueValues(vault, collection, indexes, statements),
  };
}

/** Each property was asked for before; this is the decision that the entry names. */
export async function recordLogin(
  call: Call,
  collection: KnownCollection,
  { facts, touches, rehearsed }: LoginRecord,
): Promise<void> {
  const rule =
    touches.length === 0 ? 'nothing-to-store' : (await permit(call, collection, touches, facts)).rule;
  await call.record({
    collection: collection.name,
    ...facts,
    outcome: 'allowed',
    rule: rehearsed ? `${rule} dry-run` : rule,
  });
}
