import type { Keyring } from '../crypto/index.js';
import { VaultError } from '../errors.js';
import { announcement } from './announce-change.js';
import type { Database, Statement } from './database.js';
import { type IamState, type StoredApiKey, readIamState } from './iam-state.js';

/** What a change makes of the state, and the statements that make it so. */
interface Change {
  readonly statements: readonly Statement[];
  readonly newest?: { readonly version: number; readonly mac: Buffer };
  readonly keys: Iterable<StoredApiKey>;
}

/**
 * Puts an IAM configuration in force as the version after `after`; all versions are kept. Throws PV3218 where somebody else set that
 * version first. Keys of users that are gone are deleted.
 */
export async function insertIamVersion(
  database: Database,
  keyring: Keyring,
  next: { readonly after: number; readonly toml: string; readonly setBy: string; readonly now: Date },
  usersWithKeys: readonly string[],
): Promise<void> {
  const { lookup } = keyring;
  await changeIam(database, keyring, ({ newest, keys }) => {
    if ((newest?.version ?? 0) !== next.after) throw new VaultError('PV3218');
    const row = { version: next.after + 1, toml: next.toml, setBy: next.setBy, createdAt: next.now };
    const mac = lookup.iamVersionMac(row, newest?.mac ?? null);
    return {
      newest: { version: row.version, mac },
      keys: [...keys.values()].filter(({ user }) => usersWithKeys.includes(user)),
      statements: [
        {
          name: 'iam-insert-version',
          text: `insert into iam_version (version, toml, set_by, created_at, lookup_version, mac) values ($1, $2, $3, $4, $5, $6)`,
          values: [row.version, row.toml, row.setBy, row.createdAt, lookup.version, mac],
        },
        {
          name: 'api-key-delete-others',
          text: 'delete from api_key where user_name <> all($1::text[])',
          values: [usersWithKeys],
        },
      ],
    };
  });
}

/** Stores a user's API key in place of the one it had, which is dead from now on. */
export async function replaceApiKey(
  database: Database,
  keyring: Keyring,
  key: StoredApiKey,
  now: Date,
): Promise<void> {
  await changeIam(database, keyring, ({ keys }) => ({
    keys: new Map(keys).set(key.user, key).values(),
    statements: [
      {
        name: 'api-key-replace',
        text: `insert into api_key (user_name, public_id, hash, lookup_version, expires_at, created_at) values ($1, $2, $3, $4, $5, $6)
               on conflict (user_name) do update set public_id = excluded.public_id, hash = excluded.hash,
                 lookup_version = excluded.lookup_version, expires_at = excluded.expires_at, created_at = excluded.created_at`,
        values: [key.user, key.publicId, key.hash, key.lookupVersion, key.expiresAt, now],
      },
    ],
  }));
}

/** Changes when a user's API key expires. A user without one is left alone. */
export async function changeApiKeyExpiry(
  database: Database,
  keyring: Keyring,
  user: string,
  expiresAt: Date | null,
): Promise<void> {
  await changeIam(database, keyring, ({ keys }) => ({
    keys: [...keys.values()].map((key) => (key.user === user ? { ...key, expiresAt } : key)),
    statements: [
      {
        name: 'api-key-expiry',
        text: 'update api_key set expires_at = $2 where user_name = $1',
        values: [user, expiresAt],
      },
    ],
  }));
}

/**
 * Changes who may get in. What is sealed is computed from the state that was checked, never read back: a row that somebody slips in while
 * this runs is not in the seal. Throws PV9063 where the state was not genuine before.
 */
async function changeIam(
  database: Database,
  keyring: Keyring,
  change: (state: IamState) => Change,
): Promise<void> {
  await database.transaction(async (run) => {
    const before = await readIamState(run, keyring, true);
    const { statements, newest = before.newest, keys } = change(before);
    for (const statement of statements) await run(statement);

    const serial = before.serial + 1;
    const seal = keyring.lookup.iamSeal({ serial, newest, keys });
    await run({
      name: 'iam-seal-set',
      text: 'update iam_seal set serial = $1, lookup_version = $2, mac = $3 where id = 1',
      values: [serial, keyring.lookup.version, seal],
    });
    await run(announcement());
  });
}
