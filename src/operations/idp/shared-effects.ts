import type { Revelation } from '../../access-log/entry.js';
import type { Touch } from '../../policy/decide.js';
import { Batches } from '../../store/batches.js';
import { isRefused } from '../../store/database-errors.js';
import type { Statement } from '../../store/database.js';
import { findSubjects } from '../../store/find-idp-subjects.js';
import { mergeStatements } from '../../store/merge-statements.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { commitWithUniqueValues } from '../objects/commit-with-unique-values.js';
import type { Vault } from '../vault.js';
import { type LoginChange, type LoginEffects, type LoginRecord, recordLogin } from './login-effects.js';

/**
 * Logins of one request that go on side by side: they are looked up by one statement, have one entry in the log that names them all, and are committed in one transaction. Where that
 * cannot be, halves of them are tried, so that in the end only those fail that are to blame; each user is stored as a whole or not at all. `most` go together.
 */
export function effectsTogether(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  most: number,
): LoginEffects {
  const finds = new Batches(async (queries: readonly Parameters<LoginEffects['find']>[0][]) => {
    return findSubjects(vault.database, queries);
  }, most);
  const records = new Batches(async (all: readonly LoginRecord[]) => {
    await recordLogin(call, collection, together(all));
    return all.map(() => undefined);
  }, most);
  const commits = new Batches(
    (changes: readonly LoginChange[]) => commitHalves(vault, collection, changes),
    most,
  );
  return {
    find: (query) => finds.add(query),
    record: (record) => records.add(record),
    async commit(change) {
      const failure = await commits.add(change);
      if (failure !== null) throw failure;
      return [];
    },
  };
}

/** One entry for all: it names every object, and every property that is stored of any of them. */
function together(all: readonly LoginRecord[]): LoginRecord {
  const asked = new Map<string, Revelation>();
  const touches = new Map<string, Touch>();
  for (const { facts, touches: own } of all) {
    for (const revelation of facts.asked ?? []) asked.set(JSON.stringify(revelation), revelation);
    for (const touch of own) touches.set(JSON.stringify(touch), touch);
  }
  const objects = [...new Set(all.flatMap(({ facts }) => facts.objects ?? []))];
  return {
    facts: { objects, asked: [...asked.values()] },
    touches: [...touches.values()],
    // One request is a dry run or is none.
    ...(all[0]?.rehearsed && { rehearsed: true }),
  };
}

/** For each change null, or why it was not made. */
async function commitHalves(
  vault: Vault,
  collection: KnownCollection,
  changes: readonly LoginChange[],
): Promise<(Error | null)[]> {
  const [first] = changes;
  if (!first) return [];
  if (changes.length === 1) {
    try {
      await commitWithUniqueValues(vault, collection, first.indexes, first.statements);
      return [null];
    } catch (error) {
      return [error as Error];
    }
  }
  try {
    await vault.database.commit(merged(changes.flatMap(({ statements }) => statements)));
    return changes.map(() => null);
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
  const middle = changes.length >> 1;
  const before = await commitHalves(vault, collection, changes.slice(0, middle));
  return [...before, ...(await commitHalves(vault, collection, changes.slice(middle)))];
}

/**
 * Statements that can be are made one of each kind; the others follow in their order, those about subjects first: whoever changes both takes their rows before
 * those of objects.
 */
function merged(statements: readonly Statement[]): Statement[] {
  const kinds = new Map<string, Statement[]>();
  for (const statement of statements) {
    const kind = statement.mergeable ? statement.name : '';
    const same = kinds.get(kind);
    if (same) same.push(statement);
    else kinds.set(kind, [statement]);
  }
  const others = kinds.get('') ?? [];
  const ofSubjects = others.filter(({ name }) => name.startsWith('idp-subject'));
  return [...kinds]
    .flatMap(([name, same]) => (name === '' ? [] : [mergeStatements(same)]))
    .concat(
      ofSubjects,
      others.filter((each) => !ofSubjects.includes(each)),
    );
}
