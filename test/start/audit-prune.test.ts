import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { draft } from '../access-log/support.js';
import { type TestVault, startVault } from '../support/vault.js';
import { cleanUp, run } from './coatcheck-process.js';

const OLD = 1_500;

let vault: TestVault;
let directory: string;
beforeAll(async () => {
  vault = await startVault();
  directory = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-prune-'));
  const { log, checkpoints } = vault.app.vault;
  await Promise.all(
    Array.from({ length: OLD }, (_, n) =>
      log.append(draft(n, n % 7 ? {} : { texts: { adhoc_reason: `"${n}"` } })),
    ),
  );
  await checkpoints.covering(OLD - 1);
  await vault.send('GET', '/ctl/collections');
});
afterAll(async () => {
  await cleanUp();
  await vault?.close();
  rmSync(directory, { recursive: true, force: true });
});

const at = (name: string) => path.join(directory, name);
const prune = (retention: string, ...args: string[]) =>
  run(['audit', 'prune', ...args], {
    DATABASE_URL: vault.database.url,
    COATCHECK_AUDIT_RETENTION: retention,
  });
const verify = () => run(['audit', 'verify'], { DATABASE_URL: vault.database.url });
/** The drafts are from January of the year that the tests' clock is in or before. */
const HOUR = '1h';

test('without a retention everything is kept', async () => {
  const { code, stderr } = await prune('0', '--export', at('a.jsonl'));
  expect([code, stderr]).toEqual([1, expect.stringContaining('COATCHECK_AUDIT_RETENTION')]);
});

test('nothing within the retention can be pruned', async () => {
  const { code, stderr } = await prune(HOUR, '--export', at('a.jsonl'), '--before', new Date().toISOString());
  expect([code, stderr]).toEqual([1, expect.stringContaining('is within what')]);
  expect((await prune('876000h', '--export', at('a.jsonl'))).stdout).toMatch(/^Nothing was pruned/);
});

test('an export that was tampered with, or begins too late, prunes nothing', async () => {
  const env = { DATABASE_URL: vault.database.url };
  await run(['audit', 'export', '--out', at('bad.jsonl'), '--to', '1400'], env);
  const text = readFileSync(at('bad.jsonl'), 'utf8');
  writeFileSync(at('bad.jsonl'), text.replace('"user":"user1"', '"user":"user2"'));
  const bad = await prune(HOUR, '--export', at('bad.jsonl'));
  expect([bad.code, bad.stderr]).toEqual([
    1,
    expect.stringContaining('Nothing was pruned: the export is WRONG at index 1'),
  ]);
  await run(['audit', 'export', '--out', at('late.jsonl'), '--from', '5'], env);
  const late = await prune(HOUR, '--export', at('late.jsonl'));
  expect([late.code, late.stderr]).toEqual([
    1,
    expect.stringContaining('Nothing was pruned: the export begins at 5'),
  ]);
  expect((await verify()).stdout).not.toContain('Pruned');
});

test('what is exported and signed is pruned; the log is intact, the export is the copy that proves it', async () => {
  const note = at('checkpoint');
  const env = { DATABASE_URL: vault.database.url };
  const done = await prune(HOUR, '--export', at('all.jsonl'));
  expect([done.code, done.stdout]).toEqual([
    0,
    expect.stringContaining(`Pruned the entries 0 to ${OLD - 1};`),
  ]);
  const intact = await verify();
  expect([intact.code, intact.stdout]).toEqual([
    0,
    expect.stringContaining(`Pruned: the first ${OLD} entries`),
  ]);
  expect((await prune(HOUR, '--export', at('all.jsonl'))).stdout).toMatch(/^Nothing was pruned/);

  await vault.app.vault.checkpoints.sign();
  expect((await run(['audit', 'export', '--out', at('all.jsonl'), '--checkpoint', note], env)).code).toBe(0);
  const [{ key }] = (await vault.send('GET', '/api/coatcheck/1.0/audit/keys')).body.keys as [{ key: string }];
  const whole = await run(
    ['audit', 'verify', '--export', at('all.jsonl'), '--checkpoint', note, '--key', key],
    {},
  );
  expect([whole.code, whole.stderr]).toEqual([0, '']);
});
