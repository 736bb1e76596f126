import type { StoredLogKey } from '../../crypto/index.js';
import type { Database } from '../database.js';

/** A key that signs or signed checkpoints, and when. */
export interface LogKeyRow extends StoredLogKey {
  readonly createdAt: Date;
  /** Null for the one that signs now. */
  readonly retiredAt: Date | null;
}

interface Row {
  version: number;
  origin: string;
  public_key: Buffer;
  epoch: number;
  wrapped: Buffer;
  created_at: Date;
  retired_at: Date | null;
}

/** All keys that ever signed checkpoints, oldest first. */
export async function logKeys(database: Database): Promise<LogKeyRow[]> {
  const rows = await database.run<Row>({
    name: 'log-keys',
    text: `select version, origin, public_key, epoch, wrapped, created_at, retired_at from keystore.log_key order by version`,
    values: [],
  });
  return rows.map(({ public_key: publicKey, created_at: createdAt, retired_at: retiredAt, ...rest }) => ({
    ...rest,
    publicKey,
    createdAt,
    retiredAt,
  }));
}

/**
 * Makes a key the one that signs and retires the one before, or does nothing where another instance was first: then the next version is
 * taken. Resolves with whether it did.
 */
export async function addLogKey(database: Database, key: StoredLogKey): Promise<boolean> {
  return database.transaction(async (run) => {
    await run({
      name: 'log-key-lock',
      text: 'lock table keystore.log_key in share row exclusive mode',
      values: [],
    });
    const [newest] = await run<{ version: number }>({
      name: 'log-key-newest',
      text: 'select coalesce(max(version), 0) as version from keystore.log_key',
      values: [],
    });
    if (newest!.version !== key.version - 1) return false;
    await run({
      name: 'log-key-retire',
      text: 'update keystore.log_key set retired_at = now() where retired_at is null',
      values: [],
    });
    await run({
      name: 'log-key-add',
      text: `insert into keystore.log_key (version, origin, public_key, epoch, wrapped, created_at)
             values ($1, $2, $3, $4, $5, now())`,
      values: [key.version, key.origin, key.publicKey, key.epoch, key.wrapped],
    });
    return true;
  });
}
