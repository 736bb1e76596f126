import { readFileSync, statSync } from 'node:fs';
import { EmbeddedPostgresError, systemErrorCode } from './errors.js';
import type { Host } from './host.js';

/** The user a PostgreSQL program is started as. */
export interface ServerUser {
  uid: number;
  gid: number;
  name: string;
}

/** Existing users that PostgreSQL may run as in place of root, best first. Users are never added to the machine. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * Who PostgreSQL runs as: undefined means as ourselves. PostgreSQL refuses root, so root picks an existing user; once there
 * is a cluster its owner decides, because PostgreSQL accepts nobody else's files.
 */
export function chooseServerUser(
  host: Host,
  cluster: string,
  passwd = '/etc/passwd',
): ServerUser | undefined {
  if (host.uid === undefined) return undefined;
  const owner = ownerOf(cluster);
  if (host.uid !== 0) {
    if (owner !== undefined && owner.uid !== host.uid) {
      throw new EmbeddedPostgresError(`${cluster} belongs to ${owner.name}: start as root or as that user.`);
    }
    return undefined;
  }
  if (owner?.uid === 0) {
    throw new EmbeddedPostgresError(
      `${cluster} belongs to root, which PostgreSQL refuses: chown -R it to ${CANDIDATES.join(' or ')}.`,
    );
  }
  return owner ?? existingUser(passwd);
}

/** The first of the candidates that this machine has. */
function existingUser(passwd: string): ServerUser {
  const lines = readFileSync(passwd, 'utf8').split('\n');
  for (const name of CANDIDATES) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (Number(uid) > 0 && Number(gid) >= 0) return { uid: Number(uid), gid: Number(gid), name };
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL refuses to run as root and there is no user ${CANDIDATES.join(' or ')}: start as an ordinary user or set DATABASE_URL.`,
  );
}

/** The owner of a directory, or undefined if there is none. */
function ownerOf(directory: string): ServerUser | undefined {
  try {
    const { uid, gid } = statSync(directory);
    return { uid, gid, name: `uid ${uid}` };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw new EmbeddedPostgresError(
      `Cannot look into ${directory} (${systemErrorCode(error) ?? String(error)}).`,
    );
  }
}
