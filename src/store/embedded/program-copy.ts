import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { linkLibraries } from './binaries.js';
import type { Host } from './host.js';
import type { Layout } from './layout.js';

const PREFIX = 'coatcheck-postgres-';

/** Copies the programs below `parent`, readable for all, and notes where; undefined if that cannot be done there. */
export function copyPrograms(installed: string, parent: string, layout: Layout): string | undefined {
  try {
    // mkdtemp never takes over a directory that somebody else prepared; it is opened only when it is complete.
    const copy = mkdtempSync(path.join(parent, PREFIX));
    writeFileSync(layout.programCopy, copy, { mode: 0o600 });
    const native = path.join(copy, 'native');
    copyTree(installed, native);
    linkLibraries(native);
    chmodSync(copy, 0o755);
    return native;
  } catch {
    return undefined;
  }
}

/** Removes the copy that was noted last, and only if it is really ours: after a reboot others may have taken its name. */
export function removeProgramCopy(layout: Layout, host: Host): void {
  let copy: string;
  try {
    copy = readFileSync(layout.programCopy, 'utf8');
  } catch {
    return;
  }
  const found = path.basename(copy).startsWith(PREFIX)
    ? lstatSync(copy, { throwIfNoEntry: false })
    : undefined;
  if (found?.isDirectory() && (host.uid === undefined || found.uid === host.uid)) {
    rmSync(copy, { recursive: true, force: true });
  }
  rmSync(layout.programCopy, { force: true });
}

/** Copies files, not links, with modes of our own: an installation made under umask 077 is unreadable to others. */
function copyTree(from: string, to: string): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isFile() && !entry.name.endsWith('.a')) {
      copyFileSync(source, target);
      chmodSync(target, 0o755);
    }
  }
}
