import { timingSafeEqual } from 'node:crypto';
import type { Keyring, LookupMark, SealedApiKey, SealedIamVersion } from '../crypto/index.js';
import { VaultError } from '../errors.js';
import type { Run, Statement } from './database.js';

/** What the vault keeps of an API key; the Admin's has no public id. */
export type StoredApiKey = SealedApiKey;

/** Who may get in, as one moment of the database has it and as the seal was found to say. */
export interface IamState {
  readonly serial: number;
  /** The configuration in force; null: none was ever set. */
  readonly newest: (SealedIamVersion & { readonly mac: Buffer }) | null;
  readonly keys: ReadonlyMap<string, StoredApiKey>;
}

interface VersionRow {
  version: number;
  toml: string;
  set_by: string;
  created_at: Date;
  lookup_version: number | null;
  mac: Buffer | null;
}

interface KeyRow {
  user_name: string;
  public_id: string | null;
  hash: Buffer;
  lookup_version: number;
  expires_at: Date | null;
}

interface SealRow {
  serial: number;
  lookup_version: number;
  mac: Buffer;
}

const VERSION_COLUMNS = 'version, toml, set_by, created_at, lookup_version, mac';

/** Makes a transaction see one moment, so that a change that is committed meanwhile does not look like tampering. */
export const ONE_MOMENT: Statement = {
  name: 'one-moment',
  text: 'set transaction isolation level repeatable read, read only',
  values: [],
};

/**
 * Reads who may get in, in a transaction, and checks it against the MACs; with `lock` nobody changes it until the transaction ends. Throws PV9063
 * where a row was added, changed, removed or put back by anybody but a vault.
 */
export async function readIamState(run: Run, keyring: Keyring, lock = false): Promise<IamState> {
  const [seal] = await run<SealRow>({
    name: lock ? 'iam-seal-lock' : 'iam-seal',
    text: `select serial, lookup_version, mac from iam_seal where id = 1${lock ? ' for update' : ''}`,
    values: [],
  });
  const [newest, previous] = await run<VersionRow>({
    name: 'iam-newest',
    text: `select ${VERSION_COLUMNS} from iam_version order by version desc limit 2`,
    values: [],
  });
  const keys = await readKeys(run);

  const before = previous?.mac ?? null;
  const state = {
    serial: seal?.serial ?? 0,
    newest: newest ? { ...versionOf(newest), mac: newest.mac ?? Buffer.alloc(0) } : null,
    keys: new Map(keys.map((key) => [key.user, key])),
  };
  const genuine =
    seal !== undefined &&
    (newest === undefined || isGenuine(keyring, newest, before)) &&
    isMac(seal.mac, keyring, seal.lookup_version, (lookup) =>
      lookup.iamSeal({ ...state, keys: state.keys.values() }),
    );
  if (!genuine) {
    throw tampered('rows of iam_version, api_key or iam_seal were changed by something other than the vault');
  }
  return state;
}

/** Up to `limit` versions behind `after`, each with whether its MAC continues the one before it. */
export async function readIamHistory(
  run: Run,
  keyring: Keyring,
  after: { readonly version: number; readonly mac: Buffer | null },
  limit: number,
): Promise<{ readonly version: number; readonly mac: Buffer | null; readonly genuine: boolean }[]> {
  const rows = await run<VersionRow>({
    name: 'iam-history',
    text: `select ${VERSION_COLUMNS} from iam_version where version > $1 order by version limit $2`,
    values: [after.version, limit],
  });
  let last = after;
  return rows.map((row) => {
    const genuine = row.version === last.version + 1 && isGenuine(keyring, row, last.mac);
    last = { version: row.version, mac: row.mac };
    return { ...last, genuine };
  });
}

/**
 * Signs what a vault from before the MACs left behind, in the first start that finds it: every version, the keys, and the mark on the
 * lookup keys that this was done. Null where another instance has done it. Must run in one transaction.
 */
export async function adoptIamState(
  run: Run,
  keyring: Keyring,
): Promise<{ readonly versions: number; readonly keys: number } | null> {
  // Taken first: of several instances that start together one adopts, the others wait here and then find the mark.
  for (const [i, mark] of keyring.marks.entries()) {
    if (await setMark(run, mark)) continue;
    if (i === 0) return null;
    throw tampered('a row of keystore.lookup_version was changed while the vault started');
  }

  const { lookup } = keyring;
  const rows = await run<VersionRow>({
    name: 'iam-unsigned',
    text: `select ${VERSION_COLUMNS} from iam_version order by version`,
    values: [],
  });
  let newest: { version: number; mac: Buffer } | null = null;
  for (const row of rows) {
    const mac: Buffer = lookup.iamVersionMac(versionOf(row), newest?.mac ?? null);
    await run({
      name: 'iam-sign-version',
      text: 'update iam_version set lookup_version = $2, mac = $3 where version = $1',
      values: [row.version, lookup.version, mac],
    });
    newest = { version: row.version, mac };
  }
  const keys = await readKeys(run);
  const seal = lookup.iamSeal({ serial: 0, newest, keys });
  await run({
    name: 'iam-seal-adopt',
    text: `insert into iam_seal (serial, lookup_version, mac) values (0, $1, $2)
           on conflict (id) do update set serial = 0, lookup_version = excluded.lookup_version, mac = excluded.mac`,
    values: [lookup.version, seal],
  });
  return { versions: rows.length, keys: keys.length };
}

/** The error of rows that are not the vault's own. */
export function tampered(detail: string): VaultError {
  return new VaultError('PV9063', {}, detail);
}

async function setMark(run: Run, { version, from, to }: LookupMark): Promise<boolean> {
  const marked = await run({
    name: 'lookup-mark',
    text: `update keystore.lookup_version set wrapped = $3 where version = $1 and wrapped = $2 returning version`,
    values: [version, from, to],
  });
  return marked.length === 1;
}

async function readKeys(run: Run): Promise<StoredApiKey[]> {
  const rows = await run<KeyRow>({
    name: 'api-keys',
    text: 'select user_name, public_id, hash, lookup_version, expires_at from api_key',
    values: [],
  });
  return rows.map((row) => ({
    user: row.user_name,
    publicId: row.public_id,
    hash: row.hash,
    lookupVersion: row.lookup_version,
    expiresAt: row.expires_at,
  }));
}

function versionOf(row: VersionRow): SealedIamVersion {
  return { version: row.version, toml: row.toml, setBy: row.set_by, createdAt: row.created_at };
}

function isGenuine(keyring: Keyring, row: VersionRow, previous: Buffer | null): boolean {
  if (row.version > 1 && previous === null) return false;
  return isMac(row.mac, keyring, row.lookup_version, (lookup) =>
    lookup.iamVersionMac(versionOf(row), previous),
  );
}

function isMac(
  stored: Buffer | null,
  keyring: Keyring,
  lookupVersion: number | null,
  compute: (lookup: Keyring['lookup']) => Buffer,
): boolean {
  if (stored === null || lookupVersion === null) return false;
  try {
    const computed = compute(keyring.lookupVersion(lookupVersion));
    return stored.length === computed.length && timingSafeEqual(stored, computed);
  } catch {
    // A lookup version that is not there, or numbers that no vault writes.
    return false;
  }
}
