import type { FunctionPrototype } from '../bundles/prototypes.js';
import { VaultError } from '../errors.js';
import { announceChange, announcement } from './announce-change.js';
import { keeping } from './collections.js';
import type { Database, Statement } from './database.js';
import type { IdempotencyRecord } from './idempotency.js';

/** What of a bundle is written. */
export interface BundleContent {
  readonly name: string;
  readonly description: string;
  readonly code: string;
  readonly functions: readonly FunctionPrototype[];
}

/** Adds a bundle. Throws UniqueViolation for a name that is taken, in whatever case. */
export async function insertBundle(
  database: Database,
  bundle: BundleContent,
  now: Date,
  record: IdempotencyRecord | null,
): Promise<void> {
  await database.control((prisma) =>
    prisma.$transaction([
      announceChange(prisma),
      prisma.bundle.create({
        data: { ...columnsOf(bundle), name: bundle.name, createdAt: now, modifiedAt: now },
      }),
      ...keeping(prisma, record),
    ]),
  );
}

/** Rewrites a bundle that is still at `revision`; false where it is not. */
export async function rewriteBundle(
  database: Database,
  bundle: BundleContent,
  revision: number,
  now: Date,
): Promise<boolean> {
  const [, { count }] = await database.control((prisma) =>
    prisma.$transaction([
      announceChange(prisma),
      prisma.bundle.updateMany({
        where: { name: bundle.name, revision },
        data: { ...columnsOf(bundle), revision: revision + 1, modifiedAt: now },
      }),
    ]),
  );
  return count === 1;
}

/**
 * Deletes a bundle that no data type and no action refers to, after those of the given types that no property has. Nothing is deleted,
 * and PV9057 thrown, where one is left; PV9054 where another request deleted the bundle first.
 */
export async function deleteStoredBundle(
  database: Database,
  name: string,
  types: readonly string[],
): Promise<void> {
  await database.transaction(async (run) => {
    await run(announcement());
    await run({
      name: 'delete-unused-types',
      text: `delete from data_type t where name = any($1)
        and not exists (select from property p where p.data_type_name = t.name)`,
      values: [types],
    });
    const deleted = await run({
      name: 'delete-bundle',
      text: `delete from bundle b where name = $1
        and not exists (select from action a where split_part(a.function, '.', 1) = b.name)
        and not exists (
          select from data_type t, unnest(t.transformers || array[t.validator, t.normalizer]) f
          where split_part(f, '.', 1) = b.name)
        returning name`,
      values: [name],
    });
    if (deleted.length > 0) return;
    const left = await run({
      name: 'find-bundle',
      text: 'select name from bundle where name = $1',
      values: [name],
    });
    throw new VaultError(left.length > 0 ? 'PV9057' : 'PV9054');
  });
}

/**
 * Fails a transaction with PV9058 where the bundle of one of these functions (`bundle.function`) is not there. Behind the announcement no bundle is
 * deleted any more before the transaction ends.
 */
export function bundlesOf(functions: readonly (string | null)[]): Statement {
  const names = functions.flatMap((each) => (each?.includes('.') ? [each.split('.')[0]!] : []));
  const distinct = [...new Set(names)];
  return {
    name: 'bundles-of-functions',
    text: 'select name from bundle where name = any($1)',
    values: [distinct],
    mustReturn: distinct.length,
    orElse: 'PV9058',
  };
}

function columnsOf({ description, code, functions }: BundleContent) {
  return {
    description,
    code,
    functions: functions.map((each) => ({ ...each, properties: [...each.properties] })),
  };
}
