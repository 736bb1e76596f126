import { announceChange } from './announce-change.js';
import { keeping } from './collections.js';
import type { Database } from './database.js';
import type { IdempotencyRecord } from './idempotency.js';
import type { StoredAction } from './metadata.js';

/** Adds an action. Throws UniqueViolation for a name that is taken, in whatever case. */
export async function insertAction(
  database: Database,
  action: StoredAction,
  record: IdempotencyRecord | null,
): Promise<void> {
  await database.control((prisma) =>
    prisma.$transaction([
      announceChange(prisma),
      prisma.action.create({
        data: {
          name: action.name,
          description: action.description,
          function: action.function,
          role: action.role,
          createdAt: action.creationTime,
          modifiedAt: action.modificationTime,
        },
      }),
      ...keeping(prisma, record),
    ]),
  );
}

/** Deletes an action; false where it is not there. */
export async function deleteStoredAction(database: Database, name: string): Promise<boolean> {
  const [, { count }] = await database.control((prisma) =>
    prisma.$transaction([announceChange(prisma), prisma.action.deleteMany({ where: { name } })]),
  );
  return count === 1;
}
