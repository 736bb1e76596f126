/** Development: compiles on every change and restarts the vault when what it runs changed. */
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

const { status } = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

const children = [
  start(tsc, '-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'),
  start('--watch', 'bin/coatcheck.js', 'dev'),
];
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => children.forEach((child) => child.kill(signal)));
}

function start(...args) {
  return spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
}
