import { chownSync, closeSync, openSync, writeFileSync } from 'node:fs';
import { program } from './binaries.js';
import { EmbeddedPostgresError } from './errors.js';
import type { Host } from './host.js';
import { ROLE } from './password.js';
import type { ServerUser } from './run-as.js';
import { nameForChild, runProgram, tail } from './run.js';

/** What initdb is told. The locale is PostgreSQL's own: the system's may sort differently after an upgrade and break indexes. */
const OPTIONS = [
  `--username=${ROLE}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--data-checksums',
  '--no-instructions',
  // The second call syncs everything in one go: quicker, and just as safe, for nobody uses the directory before.
  '--no-sync',
];

/** Makes a cluster, complete and on disk, in an empty directory. */
export async function initdb(
  host: Host,
  native: string,
  user: ServerUser | undefined,
  directory: string,
  password: string,
): Promise<void> {
  const passwordFile = `${directory}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) for (const file of [directory, passwordFile]) chownSync(file, user.uid, user.gid);
  const stdin = openSync(passwordFile, 'r');
  try {
    // The file is handed over open: the server's user may not be able to walk to it.
    const pwfile = host.platform === 'win32' ? passwordFile : '/dev/stdin';
    const run = { host, user, cwd: directory, stdin };
    for (const step of [[`--pwfile=${pwfile}`, ...OPTIONS], ['--sync-only']]) {
      const args = ['-D', nameForChild(directory, run), ...step];
      const made = await runProgram(program(native, 'initdb', host), args, run);
      if (!made.ok)
        throw new EmbeddedPostgresError(`Cannot make a database in ${directory}: ${tail(made.output)}`);
    }
  } finally {
    closeSync(stdin);
  }
}
