/**
 * All checks, two at a time: one that takes as long as the others together, and the others beside it. What each printed is shown in one piece
 * when it ends; the status is 1 if any failed.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LANES = [
  [['eslint', '.']],
  [
    ['prettier', '--check', '.'],
    ['node', 'scripts/lint-openapi.mjs'],
    ['tsc', '--noEmit'],
    ['tsc', '-p', 'src/console'],
    ['depcruise', '--config', '.dependency-cruiser.cjs', 'src'],
    ['knip'],
    ['node', 'scripts/generate.mjs', '--check'],
  ],
];
const env = {
  ...process.env,
  PATH: path.join(ROOT, 'node_modules/.bin') + path.delimiter + process.env.PATH,
};

/** Runs one check to its end; tells whether it passed. */
function run([command, ...args]) {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const child = spawn(command, args, { cwd: ROOT, env, shell: process.platform === 'win32' });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
    const end = (passed, why) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      process.stdout.write(
        `${passed ? 'ok    ' : 'FAILED'} ${[command, ...args].join(' ')} (${seconds} s)${why}\n`,
      );
      if (!passed) process.stdout.write(Buffer.concat(printed));
      resolve(passed);
    };
    child.on('error', (error) => end(false, `: ${error.message}`));
    child.on('close', (status) => end(status === 0, ''));
  });
}

const passed = await Promise.all(
  LANES.map(async (checks) => {
    let all = true;
    for (const check of checks) all = (await run(check)) && all;
    return all;
  }),
);
process.exitCode = passed.every(Boolean) ? 0 : 1;
