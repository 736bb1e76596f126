import { announceChange, announcement } from './announce-change.js';
import { bundlesOf } from './bundles.js';
import type { Database } from './database.js';
import { type IdempotencyRecord, insertIdempotencyRecord } from './idempotency.js';
import type { StoredAction } from './metadata.js';

/** Adds an action. Throws UniqueViolation for a name that is taken, in whatever case, and PV9058 where its bundle was deleted meanwhile. */
export async function insertAction(
  database: Database,
  action: StoredAction,
  record: IdempotencyRecord | null,
): Promise<void> {
  await database.commit([
    announcement(),
    bundlesOf([action.function]),
    {
      name: 'action-insert',
      text: `insert into action (name, description, function, role, created_at, modified_at) values ($1, $2, $3, $4, $5, $6)`,
      values: [
        action.name,
        action.description,
        action.function,
        action.role,
        action.creationTime,
        action.modificationTime,
      ],
    },
    ...(record ? [insertIdempotencyRecord(record)] : []),
  ]);
}

/** Deletes an action; false where it is not there. */
export async function deleteStoredAction(database: Database, name: string): Promise<boolean> {
  const [, { count }] = await database.control((prisma) =>
    prisma.$transaction([announceChange(prisma), prisma.action.deleteMany({ where: { name } })]),
  );
  return count === 1;
}
