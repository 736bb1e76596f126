import type { CustomType } from '../bundles/custom-type.js';
import { announceChange, announcement } from './announce-change.js';
import { bundlesOf } from './bundles.js';
import type { Database } from './database.js';
import { type IdempotencyRecord, insertIdempotencyRecord } from './idempotency.js';

/** Adds a data type. Throws UniqueViolation for a name that is taken, in whatever case, and PV9058 where a bundle it needs was deleted meanwhile. */
export async function insertType(
  database: Database,
  type: CustomType,
  now: Date,
  record: IdempotencyRecord | null = null,
): Promise<void> {
  await database.commit([
    announcement(),
    bundlesOf(functionsOf(type)),
    {
      name: 'type-insert',
      text: `insert into data_type
               (base_type_name, description, validator, normalizer, transformers, default_transformer, name, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      values: [...valuesOf(type), type.name, now],
    },
    ...(record ? [insertIdempotencyRecord(record)] : []),
  ]);
}

/** Rewrites a data type that is still at `revision`; false where it is not. Throws PV9058 as {@link insertType} does. */
export async function rewriteType(database: Database, type: CustomType, revision: number): Promise<boolean> {
  const [, , updated] = await database.commit([
    announcement(),
    bundlesOf(functionsOf(type)),
    {
      name: 'type-update',
      text: `update data_type set base_type_name = $1, description = $2, validator = $3, normalizer = $4, transformers = $5,
                    default_transformer = $6, revision = revision + 1
              where name = $7 and revision = $8 returning name`,
      values: [...valuesOf(type), type.name, revision],
    },
  ]);
  return updated!.length === 1;
}

/** Deletes a data type that no property has. What hindered it: a property that has the type, or that another request was first. */
export async function deleteStoredType(
  database: Database,
  name: string,
): Promise<'deleted' | 'in use' | 'missing'> {
  const [, deleted, left] = await database.control((prisma) =>
    prisma.$transaction([
      announceChange(prisma),
      prisma.$executeRaw`delete from data_type where name = ${name}
        and not exists (select from property where data_type_name = ${name})`,
      prisma.dataType.count({ where: { name } }),
    ]),
  );
  if (deleted === 1) return 'deleted';
  return left === 1 ? 'in use' : 'missing';
}

function valuesOf(type: CustomType): unknown[] {
  const { baseTypeName, description, validator, normalizer, transformers, defaultTransformer } = type;
  return [baseTypeName, description, validator, normalizer, transformers, defaultTransformer];
}

function functionsOf({ validator, normalizer, transformers }: CustomType): (string | null)[] {
  return [validator, normalizer, ...transformers];
}
