import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { thisHost } from '../../src/store/embedded/host.js';
import { layoutOf } from '../../src/store/embedded/layout.js';
import { processesInCluster } from '../../src/store/embedded/postmaster.js';
import { until } from '../support/until.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const READY = /Coatcheck is ready on (http\S+)/;

/** Everything a test file makes, so that afterAll can end and remove it whatever failed. */
const made = {
  children: [] as ChildProcess[],
  directories: [] as string[],
  /** Where they all run: what they make by default must not lie where the next run, or another user's, finds it. */
  workingDirectory: null as string | null,
};

/** A data directory that does not exist yet. */
export function newDataDir(): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), `coatcheck-test-${process.pid}-`));
  made.directories.push(directory);
  return path.join(directory, 'data');
}

/** PostgreSQL processes at work in a data directory. */
export function serversIn(dataDir: string): number[] {
  const { cluster } = layoutOf(dataDir);
  return existsSync(cluster) ? processesInCluster(cluster, thisHost()) : [];
}

/** `coatcheck …` as somebody would start it: a process with these settings and nothing else of ours. */
export class Coatcheck {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], env: Record<string, string>) {
    if (!existsSync(path.join(ROOT, 'dist/main.js'))) throw new Error('Build first: npm run build');
    this.child = spawn(process.execPath, [path.join(ROOT, 'bin/coatcheck.js'), ...args], {
      cwd: (made.workingDirectory ??= path.dirname(newDataDir())),
      env: { PATH: process.env.PATH, COATCHECK_SERVICE_LISTEN_ADDR: '127.0.0.1:0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    made.children.push(this.child);
    this.child.stdout!.on('data', (chunk: Buffer) => (this.stdout += chunk.toString('utf8')));
    this.child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString('utf8')));
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The printed URL. Throws what it said where it ended instead. */
  async ready(): Promise<string> {
    await until('it is ready', () => READY.test(this.stdout) || this.ended);
    const url = READY.exec(this.stdout)?.[1];
    if (url === undefined) throw new Error(`It ended: ${this.stdout}${this.stderr}`);
    return url;
  }

  /** Its exit status once it has ended by itself. */
  async exit(): Promise<number | null> {
    await until('it ends', () => this.ended);
    return this.child.exitCode;
  }

  /** Sends it a signal and waits for its end. */
  async stop(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' = 'SIGINT'): Promise<number | null> {
    this.child.kill(signal);
    return this.exit();
  }
}

/** Runs a command to its end. */
export async function run(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = new Coatcheck(args, env);
  const code = await child.exit();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** Ends, by pid, whatever a failed test left running, and removes all it made. For afterAll. */
export async function cleanUp(): Promise<void> {
  for (const child of made.children)
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  const host = thisHost();
  for (const directory of made.directories) {
    const dataDir = path.join(directory, 'data');
    await until('its PostgreSQL is gone', () => {
      const left = serversIn(dataDir);
      for (const pid of left) host.signal(pid, 'SIGKILL');
      return left.length === 0;
    });
    const { programCopy } = layoutOf(dataDir);
    if (existsSync(programCopy)) rmSync(readFileSync(programCopy, 'utf8'), { recursive: true, force: true });
    rmSync(directory, { recursive: true, force: true });
  }
}
