import { announceChange } from './announce-change.js';
import type { Database } from './database.js';
import type { StoredApiKey } from './metadata.js';

/**
 * Puts an IAM configuration in force as the version after `after`; all versions are kept. Throws UniqueViolation on
 * `iam_version_pkey` where somebody else set that version first. Keys of users that are gone are deleted.
 */
export async function insertIamVersion(
  database: Database,
  next: { readonly after: number; readonly toml: string; readonly setBy: string; readonly now: Date },
  usersWithKeys: readonly string[],
): Promise<void> {
  await database.control((prisma) =>
    prisma.$transaction([
      prisma.iamVersion.create({
        data: { version: next.after + 1, toml: next.toml, setBy: next.setBy, createdAt: next.now },
      }),
      prisma.apiKey.deleteMany({ where: { userName: { notIn: [...usersWithKeys] } } }),
      announceChange(prisma),
    ]),
  );
}

/** Stores a user's API key in place of the one it had, which is dead from now on. */
export async function replaceApiKey(database: Database, key: StoredApiKey, now: Date): Promise<void> {
  const columns = {
    publicId: key.publicId,
    hash: Uint8Array.from(key.hash),
    lookupVersion: key.lookupVersion,
    expiresAt: key.expiresAt,
    createdAt: now,
  };
  await database.control((prisma) =>
    prisma.$transaction([
      prisma.apiKey.upsert({
        where: { userName: key.user },
        create: { userName: key.user, ...columns },
        update: columns,
      }),
      announceChange(prisma),
    ]),
  );
}

/** Changes when a user's API key expires. */
export async function changeApiKeyExpiry(
  database: Database,
  user: string,
  expiresAt: Date | null,
): Promise<void> {
  await database.control((prisma) =>
    prisma.$transaction([
      prisma.apiKey.updateMany({ where: { userName: user }, data: { expiresAt } }),
      announceChange(prisma),
    ]),
  );
}
