import { accessSync, constants, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError, systemErrorCode } from './errors.js';

/** Where everything of one embedded database lies. */
export interface Layout {
  dataDir: string;
  /** The PostgreSQL cluster: the one directory that belongs to the user PostgreSQL runs as. */
  cluster: string;
  /** The password of the database's only role, 0600. */
  password: string;
  /** Held by the one process that may start and stop this database, and names it. */
  lock: string;
  /** What PostgreSQL says: start, stop, recovery. Never a statement or a value (see settings.ts). */
  log: string;
  /** Names the temporary copy of the programs, if one had to be made. */
  programCopy: string;
}

/** The places in a data directory, whether it exists or not. */
export function layoutOf(dataDir: string): Layout {
  const root = path.resolve(dataDir);
  return {
    dataDir: root,
    cluster: path.join(root, 'postgres'),
    password: path.join(root, 'postgres-password'),
    lock: path.join(root, 'postgres-lock'),
    log: path.join(root, 'postgres.log'),
    programCopy: path.join(root, 'postgres-program-copy'),
  };
}

/** Makes the data directory, closed to everybody else; one that exists keeps the mode its owner gave it. */
export function createDataDir(dataDir: string): Layout {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return layoutOf(realpathSync(dataDir));
  } catch (error) {
    throw new EmbeddedPostgresError(
      `Cannot use the data directory ${path.resolve(dataDir)} (${systemErrorCode(error) ?? String(error)}).`,
    );
  }
}
