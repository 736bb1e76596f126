import type { Logger } from 'winston';
import { decodeEntry } from '../access-log/entry.js';
import type { Config } from '../config.js';
import type { Keyring } from '../crypto/index.js';
import { VaultError } from '../errors.js';
import { extentOf, readLog } from '../store/access-log/read.js';
import type { Database } from '../store/database.js';
import { adoptIamState, readIamHistory, tampered } from '../store/iam-state.js';
import { ensureAdminKey } from './admin-key.js';

const VERSIONS_AT_A_TIME = 100;
/** Entries at the end of the log that are asked which configuration decided them. */
const ENTRIES_ASKED = 500;

/** What the start found out about who may get in. */
interface OpenedIam {
  /** The newest version that the access log knows of: nothing older may be in force. */
  readonly atLeast: number;
  /** PV9063 where a configuration of the past is not the one that was set. */
  readonly problem: VaultError | null;
}

/**
 * Makes sure of who may get in before anybody does: signs what a vault from before the MACs left, once; checks the whole chain of
 * configurations; sees that the Admin has a key. What fails its check does not stop the start: the vault answers 503 and says why, which an
 * operator sees sooner than a process that is not there. `prepared`: signing and the Admin's key were seen to when the instance started, and a worker
 * that takes another's place changes nothing.
 */
export async function openIam(
  database: Database,
  keyring: Keyring,
  config: Config,
  log: Logger,
  prepared = false,
): Promise<OpenedIam> {
  if (!prepared) await adopt(database, keyring, log);
  const problem = await problemIn(() => checkHistory(database, keyring));
  const newest =
    problem ?? (prepared ? null : await problemIn(() => ensureAdminKey(database, keyring, config)));
  if (newest) {
    const { code: error_code, detail } = newest;
    log.error('users, roles and keys do not pass their integrity check', { error_code, detail });
  }
  return { atLeast: await newestInLog(database), problem };
}

async function problemIn(work: () => Promise<void>): Promise<VaultError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof VaultError && error.code === 'PV9063') return error;
    throw error;
  }
}

async function adopt(database: Database, keyring: Keyring, log: Logger): Promise<void> {
  if (keyring.marks.length === 0) return;
  const adopted = await database.transaction((run) => adoptIamState(run, keyring));
  if (adopted) {
    log.warn('the IAM configurations and API keys found here are signed from now on', { ...adopted });
  }
}

/** Throws PV9063 where a configuration that once decided something is not the one that was set. */
async function checkHistory(database: Database, keyring: Keyring): Promise<void> {
  await database.transaction(async (run) => {
    let last: { version: number; mac: Buffer | null } = { version: 0, mac: null };
    for (;;) {
      const versions = await readIamHistory(run, keyring, last, VERSIONS_AT_A_TIME);
      const wrong = versions.find(({ genuine }) => !genuine);
      if (wrong)
        throw tampered(`version ${wrong.version} of the IAM configuration is not the one that was set`);
      if (versions.length < VERSIONS_AT_A_TIME) return;
      last = versions.at(-1)!;
    }
  });
}

async function newestInLog(database: Database): Promise<number> {
  const { last } = await extentOf(database, 'access_log');
  const rows = await readLog(database, Math.max(0, last - ENTRIES_ASKED + 1), ENTRIES_ASKED);
  return Math.max(0, ...rows.map(({ bytes }) => versionIn(bytes)));
}

/** Bytes that are no entry are for the verification of the log to find. */
function versionIn(bytes: Buffer): number {
  try {
    const { iam_version: version } = decodeEntry(bytes);
    return Number.isSafeInteger(version) ? version : 0;
  } catch {
    return 0;
  }
}
