import { closeSync, existsSync, fsyncSync, mkdtempSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { POSTGRES_MAJOR } from './binaries.js';
import { EmbeddedPostgresError } from './errors.js';
import type { Host } from './host.js';
import { initdb } from './initdb.js';
import type { Layout } from './layout.js';
import { createPassword, readPassword } from './password.js';
import type { ServerUser } from './run-as.js';

/** Makes the cluster if there is none, and returns the password of its role. The caller holds the lock. */
export async function prepareCluster(
  host: Host,
  layout: Layout,
  native: string,
  user: ServerUser | undefined,
): Promise<string> {
  removeUnfinished(layout);
  const password = readPassword(layout);
  if (!existsSync(layout.cluster)) return await createCluster(host, layout, native, user);

  checkVersion(layout);
  if (password === undefined) {
    throw new EmbeddedPostgresError(
      `${layout.cluster} exists but its password file ${layout.password} does not.`,
    );
  }
  return password;
}

/**
 * Builds the cluster beside its place and moves it there when it is complete and on disk: a start that is interrupted
 * leaves no half of one.
 */
async function createCluster(
  host: Host,
  layout: Layout,
  native: string,
  user: ServerUser | undefined,
): Promise<string> {
  const password = createPassword(layout);
  try {
    const staging = mkdtempSync(`${layout.cluster}.new-`);
    await initdb(host, native, user, staging, password);
    renameSync(staging, layout.cluster);
    syncDirectory(layout.dataDir, host);
    return password;
  } finally {
    removeUnfinished(layout);
  }
}

/** Removes what a start that was killed in the middle of initdb left behind. */
function removeUnfinished(layout: Layout): void {
  const prefix = `${path.basename(layout.cluster)}.new-`;
  for (const name of readdirSync(layout.dataDir).filter((entry) => entry.startsWith(prefix))) {
    // Its initdb may still be writing for a moment.
    rmSync(path.join(layout.dataDir, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** A new name in a directory survives a power cut only once the directory itself is synced. */
function syncDirectory(directory: string, host: Host): void {
  if (host.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** PostgreSQL says this too, but in a line that our log settings drop. */
function checkVersion(layout: Layout): void {
  const version = readFileSync(path.join(layout.cluster, 'PG_VERSION'), 'utf8').trim();
  if (version !== POSTGRES_MAJOR) {
    throw new EmbeddedPostgresError(
      `${layout.cluster} was made by PostgreSQL ${version}, this program brings ${POSTGRES_MAJOR}: dump it with the old one and load it here.`,
    );
  }
}
