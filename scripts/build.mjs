/**
 * Builds dist: generates, compiles and bundles into a new folder and puts it in place of the old one in one step. With `--if-changed` it does
 * nothing where dist was built from the files as they are.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConsole } from './build-console.mjs';
import { buildInputs } from './build-inputs.mjs';
import { bundleHooks } from './bundle-hooks.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

const dist = path.join(root, 'dist');
const BUILT_FROM = '.built-from';
const stamp = path.join(dist, BUILT_FROM);
if (process.argv.includes('--if-changed') && existsSync(stamp)) {
  if (readFileSync(stamp, 'utf8') === buildInputs(root)) process.exit();
}

run(path.join(root, 'scripts/generate.mjs'));
// As it is now: what changes while it is built is built the next time.
const inputs = buildInputs(root);
const made = mkdtempSync(path.join(root, '.dist-'));
try {
  // Types are for `npm run check`: finding them wrong takes more than half of the time of an install, and changes nothing of what is emitted.
  run(require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--noCheck', '--outDir', made);
  await buildConsole(path.join(made, 'console'));
  await bundleHooks(root, path.join(made, 'idp'));
  writeFileSync(path.join(made, BUILT_FROM), inputs);
  const old = `${made}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(made, dist);
  rmSync(old, { recursive: true, force: true });
} finally {
  rmSync(made, { recursive: true, force: true });
}

/** Runs a script with this Node; a failure ends the build with its status. */
function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
