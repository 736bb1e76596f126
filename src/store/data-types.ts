import type { CustomType } from '../bundles/custom-type.js';
import { announceChange } from './announce-change.js';
import { keeping } from './collections.js';
import type { Database } from './database.js';
import type { IdempotencyRecord } from './idempotency.js';

/** Adds a data type. Throws UniqueViolation for a name that is taken, in whatever case. */
export async function insertType(
  database: Database,
  type: CustomType,
  now: Date,
  record: IdempotencyRecord | null = null,
): Promise<void> {
  await database.control((prisma) =>
    prisma.$transaction([
      announceChange(prisma),
      prisma.dataType.create({ data: { ...columnsOf(type), createdAt: now } }),
      ...keeping(prisma, record),
    ]),
  );
}

/** Rewrites a data type that is still at `revision`; false where it is not. */
export async function rewriteType(database: Database, type: CustomType, revision: number): Promise<boolean> {
  const [, { count }] = await database.control((prisma) =>
    prisma.$transaction([
      announceChange(prisma),
      prisma.dataType.updateMany({
        where: { name: type.name, revision },
        data: { ...columnsOf(type), revision: revision + 1 },
      }),
    ]),
  );
  return count === 1;
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

function columnsOf(type: CustomType) {
  return {
    name: type.name,
    baseTypeName: type.baseTypeName,
    description: type.description,
    validator: type.validator,
    normalizer: type.normalizer,
    transformers: [...type.transformers],
    defaultTransformer: type.defaultTransformer,
  };
}
