import { spawn } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';

/** What has to be undone when the bench ends, however it ends; last first. @type {(() => unknown)[]} */
const undo = [];

/** Remembers something to undo. @param {() => unknown} step */
export function onEnd(step) {
  undo.push(step);
}

/** @type {Promise<void> | undefined} */
let cleaning;

/** Undoes everything, once, whoever asks: a signal may come while the bench is ending by itself. */
export function cleanUp() {
  return (cleaning ??= undoAll());
}

/** A step that fails does not keep the others from happening. */
async function undoAll() {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
    try {
      await step();
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
    }
  }
}

/** Ctrl-C and a supervisor's stop leave nothing behind either. */
export function cleanUpOnSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, () => void cleanUp().then(() => process.exit(130)));
  }
}

/**
 * Starts a Node program, and ends it with the bench. What it prints goes to `output`, an open file, or nowhere.
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @param {number | 'ignore'} [output]
 * @returns {{ pid: number, ended: Promise<string> }} `ended` tells how, should it end too early
 */
export function startNode(args, env, output = 'ignore') {
  const child = spawn(process.execPath, args, {
    // As in the Dockerfile, for all alike.
    env: { PATH: process.env.PATH, NODE_ENV: 'production', MALLOC_ARENA_MAX: '2', ...env },
    stdio: ['ignore', output, 'inherit'],
  });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`ended with ${signal ?? code}`));
  });
  onEnd(async () => {
    child.kill('SIGTERM');
    const slow = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(slow);
  });
  return { pid: child.pid ?? 0, ended };
}

/**
 * Waits until a URL answers 200.
 * @param {string} url
 * @param {Promise<string>} ended
 */
export async function untilReady(url, ended) {
  let end;
  void ended.then((how) => (end = how));
  for (let waited = 0; waited < 20_000; waited += 50) {
    if (end !== undefined) throw new Error(`${url}: the server ${end}`);
    const status = await fetch(url).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} did not get ready`);
}

/** A loopback port nobody uses. @returns {Promise<number>} */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const TICKS_PER_SECOND = 100;

/**
 * Seconds of CPU a process has used, user and system; null where the system has no /proc. `withChildren` adds those of the processes it
 * started, dead or alive.
 * @param {number} pid
 * @returns {Promise<number | null>}
 */
export async function cpuSeconds(pid, withChildren = false) {
  const own = await statOf(pid);
  if (own === null) return null;
  if (!withChildren) return own.ticks / TICKS_PER_SECOND;
  const all = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(statOf));
  const children = all.reduce((sum, stat) => sum + (stat?.parent === pid ? stat.ticks : 0), 0);
  return (own.ticks + own.childTicks + children) / TICKS_PER_SECOND;
}

/**
 * Memory that a process holds, in MB; null where the system has no /proc.
 * @param {number} pid
 * @returns {Promise<number | null>}
 */
export async function residentMegabytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
}

/** @param {number | string} pid */
async function statOf(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name of the program stands in parentheses and may hold anything; the fields behind it are counted from the state, field 3.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (/** @type {number} */ number) => fields[number - 3] ?? 0;
  return { parent: field(4), ticks: field(14) + field(15), childTicks: field(16) + field(17) };
}
