import path from 'node:path';
import { installedPrograms, linkLibraries, program } from './binaries.js';
import { EmbeddedPostgresError } from './errors.js';
import type { Host } from './host.js';
import type { Layout } from './layout.js';
import { copyPrograms, removeProgramCopy } from './program-copy.js';
import type { ServerUser } from './run-as.js';
import { runProgram, tail, type Outcome } from './run.js';

/** A folder of PostgreSQL programs that the server's user can run. */
export interface Programs {
  native: string;
  /** Removes the copy, if this is one. Only after the server has ended: it loads libraries and time zones while it runs. */
  release(): void;
}

/**
 * The installed programs where they lie; or, when the links cannot be made there or the server's user may not walk there
 * (a clone under root's 0700 directory), a copy in a fresh temporary directory that lives as long as the server.
 */
export async function preparePrograms(
  host: Host,
  layout: Layout,
  user: ServerUser | undefined,
): Promise<Programs> {
  removeProgramCopy(layout, host);
  const installed = installedPrograms(host);
  const inPlace = linkLibraries(installed) ? await tryProgram(installed, host, user) : undefined;
  if (inPlace?.ok) return { native: installed, release: () => undefined };

  let said = inPlace?.output;
  for (const parent of host.temporaryDirectories) {
    const native = copyPrograms(installed, parent, layout);
    const outcome = native === undefined ? undefined : await tryProgram(native, host, user);
    if (native !== undefined && outcome?.ok) {
      return { native, release: () => removeProgramCopy(layout, host) };
    }
    removeProgramCopy(layout, host);
    said = outcome?.output ?? said;
  }
  const who = user === undefined ? '' : ` as ${user.name}`;
  const elsewhere = host.temporaryDirectories.join(' or ');
  throw new EmbeddedPostgresError(
    `Cannot run the PostgreSQL programs in ${installed}${who}, nor a copy in ${elsewhere}: ${tail(said ?? 'not writable', 1)}`,
  );
}

/** Whether the programs really run: the system's own answer on rights, noexec mounts and missing libraries. */
function tryProgram(native: string, host: Host, user: ServerUser | undefined): Promise<Outcome> {
  return runProgram(program(native, 'initdb', host), ['--version'], {
    host,
    user,
    cwd: path.parse(native).root,
  });
}
