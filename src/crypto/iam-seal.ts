import { tuple, u32, u64 } from './tuple.js';

/** A version of the IAM configuration as its MAC covers it. */
export interface SealedIamVersion {
  readonly version: number;
  readonly toml: string;
  readonly setBy: string;
  readonly createdAt: Date;
}

/** An API key's row as the seal covers it. */
export interface SealedApiKey {
  readonly user: string;
  readonly publicId: string | null;
  readonly hash: Buffer;
  readonly lookupVersion: number;
  readonly expiresAt: Date | null;
}

/** Everything that decides who gets in: how many changes there were, the newest configuration, and all keys. */
export interface SealedIam {
  readonly serial: number;
  /** Null: none was ever set. */
  readonly newest: { readonly version: number; readonly mac: Buffer } | null;
  readonly keys: Iterable<SealedApiKey>;
}

const NONE = '';

/** What the MAC of a version is made over (docs/FORMAT.md section 11): the MAC of the version before it makes a chain of them. */
export function iamVersionMessage(row: SealedIamVersion, previous: Buffer | null): Buffer {
  return tuple(u32(row.version), row.toml, row.setBy, u64(row.createdAt.getTime()), previous ?? NONE);
}

/** What the seal is made over. The keys are put in the order of their users' UTF-8, so that the database's order does not matter. */
export function iamSealMessage({ serial, newest, keys }: SealedIam): Buffer {
  const rows = [...keys].map((key) => ({ user: Buffer.from(key.user), key }));
  rows.sort((a, b) => Buffer.compare(a.user, b.user));
  return tuple(
    u32(serial),
    u32(newest?.version ?? 0),
    newest?.mac ?? NONE,
    ...rows.map(({ user, key }) =>
      tuple(
        user,
        key.publicId ?? NONE,
        key.hash,
        u32(key.lookupVersion),
        key.expiresAt ? u64(key.expiresAt.getTime()) : NONE,
      ),
    ),
  );
}
