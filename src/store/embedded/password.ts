import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { EmbeddedPostgresError, systemErrorCode } from './errors.js';
import type { Layout } from './layout.js';

/** The database's only role, and the database it owns. */
export const ROLE = 'coatcheck';
export const DATABASE = 'coatcheck';

/** The role's password, or undefined if none was made yet. */
export function readPassword(layout: Layout): string | undefined {
  try {
    return readFileSync(layout.password, 'utf8').trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw new EmbeddedPostgresError(
      `Cannot read ${layout.password} (${systemErrorCode(error) ?? String(error)}): start as the user it belongs to.`,
    );
  }
}

/** Makes a random password and keeps it, on disk for sure before the cluster that needs it exists. */
export function createPassword(layout: Layout): string {
  const password = randomBytes(24).toString('base64url');
  const file = openSync(layout.password, 'w', 0o600);
  try {
    writeSync(file, `${password}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return password;
}

/** The address of the server for any PostgreSQL client; says itself what PGSSLMODE in the environment might get wrong. */
export function databaseUrl(port: number, password: string, database = DATABASE): string {
  return `postgres://${ROLE}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}?sslmode=disable`;
}
