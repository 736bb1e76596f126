import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { thisHost } from '../../src/store/embedded/host.js';
import { layoutOf } from '../../src/store/embedded/layout.js';
import { processesInCluster } from '../../src/store/embedded/postmaster.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = path.join(ROOT, 'bin/coatcheck.js');

let temporary: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  temporary = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-test-demo-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(temporary, { recursive: true, force: true });
});

/** A demo as a process of its own, with a temporary directory of its own. */
function start(env: Record<string, string> = {}): {
  child: ChildProcess;
  ended: Promise<{ code: number | null; out: string; err: string }>;
} {
  const child = spawn(process.execPath, [PROGRAM, 'demo'], {
    cwd: temporary,
    env: { PATH: process.env.PATH, TMPDIR: temporary, ...env },
  });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
  return { child, ended };
}

/** The environment of a demo in which `code` runs first. */
function preloaded(code: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

/** Requests take a while, so that a signal arrives in the middle of the story. */
const SLOWLY = preloaded(`
  const real = globalThis.fetch;
  globalThis.fetch = async (...request) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return real(...request);
  };`);

/** Resolves when the demo has printed this. */
function printed(child: ChildProcess, text: string): Promise<void> {
  let out = '';
  return new Promise((resolve) => {
    child.stdout!.on('data', (chunk: string) => (out += chunk).includes(text) && resolve());
  });
}

/** The PostgreSQL processes of the demo that is running, at least one. */
function serversOf(): number[] {
  const directory = readdirSync(temporary).find((name) => name.startsWith('coatcheck-demo-'))!;
  const { cluster } = layoutOf(path.join(temporary, directory, 'data'));
  const found = processesInCluster(cluster, thisHost());
  expect(found).not.toEqual([]);
  return found;
}

/** No file, and none of the processes seen before. */
function expectNothingLeft(servers: readonly number[] = []): void {
  expect(readdirSync(temporary)).toEqual([]);
  expect(servers.filter((pid) => thisHost().signal(pid, 0))).toEqual([]);
}

test('the whole story is as expected, and nothing is left behind', async () => {
  // Settings for a vault that the demo must not touch.
  const env = { DATABASE_URL: 'postgres://127.0.0.1:1/none', COATCHECK_DATA_DIR: '/nonexistent' };
  const { child, ended } = start(env);
  await printed(child, '1. A vault');
  const servers = serversOf();
  const { code, out, err } = await ended;
  expect([code, err]).toEqual([0, '']);

  expect(out).toContain('POST /api/pvlt/1.0/data/collections/users/objects?reason=AppFunctionality');
  expect(out).toContain('{"user_id":"45860945864","ssn":"123-12-1234"}');
  expect(out).toMatch(/"app_metadata":\{"pii_object_id":"[0-9a-f-]{36}"\}/);
  expect(out).toContain('POST /api/pvlt/1.0/data/collections/users/tokens?reason=AppFunctionality');
  expect(out).toMatch(/"https:\/\/shop\.example\/pii_token":"[0-9a-f-]{36}"/);
  expect(out).toContain('"fields":{"user_id":"45860945864","ssn":"***-**-1234"}');
  expect(out).toContain('"fields":{"user_id":"45860945864","ssn":"123-12-1234"}');
  expect(out).toContain('"fields":{"user_id":"45860945864"}');
  expect(out).toMatch(/marketing +detokenize .* denied/);
  expect(out).toMatch(/"ok":true,\s+"size":\d+/);
  expect(out).toMatch(/"ok":false,"index":12/);
  expect(out).toMatch(/All \d+ values were as expected/);
  expect(out).not.toContain('\u001b');
  expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
  expectNothingLeft(servers);
});

test('a vault that shows too much is noticed, the step is named, and nothing is left behind', async () => {
  // Takes the mask off on the way back to the support service.
  const unmasked = preloaded(`
    const real = globalThis.fetch;
    globalThis.fetch = async (...request) => {
      const answer = await real(...request);
      const text = await answer.text();
      const { status, headers } = answer;
      return new Response(text.replace('***-**-1234', '123-12-1234'), { status, headers });
    };`);
  const { code, err } = await start(unmasked).ended;
  expect(code).toBe(1);
  expect(err).toMatch(
    /^Failed at step 5 \(Four services .*support sees the SSN masked\. Expected .*\*\*\*-\*\*-1234/,
  );
  expectNothingLeft();
});

test('a stop in the middle leaves nothing behind', async () => {
  const { child, ended } = start(SLOWLY);
  await printed(child, '1. A vault');
  const servers = serversOf();
  child.kill('SIGTERM');
  const { code, err } = await ended;
  expect([code, err]).toEqual([1, expect.stringMatching(/^Interrupted at step \d/)]);
  expectNothingLeft(servers);
});

test('an interruption while the vault is starting leaves nothing behind', async () => {
  const { child, ended } = start();
  await printed(child, 'Lines with >');
  child.kill('SIGINT');
  expect((await ended).code).toBe(1);
  expectNothingLeft();
});

test('a reader who goes away, as `| head` does, leaves nothing behind', async () => {
  const { child, ended } = start(SLOWLY);
  await printed(child, '1. A vault');
  const servers = serversOf();
  child.stdout!.destroy();
  const { code, err } = await ended;
  expect([code, err]).toEqual([1, expect.stringMatching(/^Interrupted at step \d/)]);
  expectNothingLeft(servers);
});
