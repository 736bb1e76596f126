import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { formatVerifierKey, parseVerifierKey } from '../../src/access-log/note.js';
import { fileMemory } from '../../src/access-log/witness/memory.js';
import { Witness } from '../../src/access-log/witness/witness.js';
import { type SigningKey, witnessKey } from '../../src/crypto/index.js';
import { type WitnessServer, listenAsWitness } from '../../src/http/witness-server.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/store/embedded/index.js';
import { layoutOf } from '../../src/store/embedded/layout.js';
import { addCollection, addObject, fieldsOf, refused } from '../support/steps.js';
import { type OwnPostgres, startOwnPostgres } from '../support/test-postgres.js';
import { until } from '../support/until.js';
import { type TestVault, startVault } from '../support/vault.js';
import { cleanUp, run } from './coatcheck-process.js';

/*
 * What docs/OPERATIONS.md says of restoring, done: a base backup while the vault works, a disaster, the backup put back, and what is then found, told and renamed.
 */

const KEY = '7'.repeat(64);
const ORIGIN = 'vault.example/2';

let directory: string;
let live: OwnPostgres;
let restored: EmbeddedPostgres | undefined;
let vault: TestVault | undefined;
let signing: SigningKey;
let server: WitnessServer | undefined;
let witnessSetting: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-restore-'));
  live = await startOwnPostgres();
  signing = await witnessKey(at('witness.key'));
  vault = await startVault({ COATCHECK_KMS_KEY: KEY }, databaseAt(live.postgres.url));
  const own = await newestKey(vault);
  await vault.close();
  await watch([own]);
});
afterAll(async () => {
  await vault?.close();
  await server?.close();
  await restored?.stop();
  await live.remove();
  await cleanUp();
  rmSync(directory, { recursive: true, force: true });
});

const at = (name: string): string => path.join(directory, name);
const databaseAt = (url: string) => ({ url, drop: async () => undefined });
const cli = (...args: string[]) =>
  run(args, { DATABASE_URL: restored?.url ?? live.postgres.url, COATCHECK_KMS_KEY: KEY });

/** Starts the vault anew on a database. */
async function start(url: string): Promise<TestVault> {
  await vault?.close();
  const settings = { COATCHECK_KMS_KEY: KEY, COATCHECK_AUDIT_WITNESSES: witnessSetting };
  return (vault = await startVault(settings, databaseAt(url)));
}

/** (Re)starts the witness, with the memory it has, as a witness of the logs with these keys. */
async function watch(logs: readonly string[]): Promise<void> {
  const port = server ? Number(new URL(server.url).port) : 0;
  await server?.close();
  const witness = new Witness('witness.example', signing, logs.map(parseVerifierKey), fileMemory(directory));
  server = await listenAsWitness(witness, { host: '127.0.0.1', port });
  witnessSetting = `${formatVerifierKey(witness.key)} ${server.url}`;
}

async function newestKey(of: TestVault): Promise<string> {
  const { body } = await of.send('GET', '/api/coatcheck/1.0/audit/keys');
  return (body as { keys: { key: string }[] }).keys.at(-1)!.key;
}

interface WitnessStatus {
  readonly refused: boolean;
  readonly cosigned_size: number;
}
async function status(): Promise<{ readonly size: number; readonly witnesses: WitnessStatus[] }> {
  const { body } = await vault!.send('GET', '/api/coatcheck/1.0/audit/status');
  return body as { size: number; witnesses: WitnessStatus[] };
}
async function witnessed(): Promise<WitnessStatus> {
  return (await status()).witnesses[0]!;
}

/** PostgreSQL's own online backup: everything between start and stop is copied while it is written to. */
async function backUp(): Promise<string> {
  const from = layoutOf(live.dataDir);
  const copy = layoutOf(at('copy'));
  const client = new pg.Client(live.postgres.url);
  await client.connect();
  await client.query(`select pg_backup_start('drill', true)`);
  const done = spawnSync('cp', ['-a', from.dataDir, copy.dataDir]);
  expect(done.status).toBe(0);
  const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop()');
  await client.end();
  // The write-ahead log as it is by the end of the backup is part of it.
  expect(spawnSync('cp', ['-a', `${from.cluster}/pg_wal/.`, `${copy.cluster}/pg_wal`]).status).toBe(0);
  const label = path.join(copy.cluster, 'backup_label');
  writeFileSync(label, rows[0]!.labelfile);
  const { uid, gid } = statSync(copy.cluster);
  chownSync(label, uid, gid);
  for (const left of [copy.lock, path.join(copy.cluster, 'postmaster.pid')])
    rmSync(left, { recursive: true, force: true });
  return copy.dataDir;
}

test('a database put back to a backup is the vault of then, shows what is missing, and goes on under another name', async () => {
  const before = await start(live.postgres.url);
  await addCollection(before);
  const kept = await addObject(before, { name: 'Ada', ssn: '123-12-1234' });
  const erased = await addObject(before, { name: 'Grace' });
  const copy = await backUp();

  // What the backup does not have any more.
  const added = await addObject(before, { name: 'Later' });
  await before.send('PATCH', `/data/collections/users/objects/${kept}`, { json: { name: 'Ada L.' } });
  await before.send('DELETE', `/data/collections/users/objects/${erased}`);
  expect(await fieldsOf(before, kept)).toMatchObject({ name: 'Ada L.' });
  // An earlier checkpoint may end before the backup does, and would know nothing better.
  const { size } = await status();
  await until('the witness has seen it', async () => (await witnessed()).cosigned_size >= size);
  const { text: note } = await before.send('GET', '/api/coatcheck/1.0/audit/checkpoint');
  writeFileSync(at('note'), note);
  const oldKey = await newestKey(before);
  expect((await cli('audit', 'export', '--out', at('elsewhere.jsonl'))).code).toBe(0);
  expect((await cli('audit', 'lost', '--export', at('elsewhere.jsonl'))).stderr).toBe(
    'The log has every entry of the export.\n',
  );
  await before.close();
  vault = undefined;
  await live.postgres.stop();

  restored = await startEmbeddedPostgres({ dataDir: copy });
  const after = await start(restored.url);
  expect(await fieldsOf(after, kept)).toEqual({ name: 'Ada', ssn: '123-12-1234' });
  expect(await fieldsOf(after, erased)).toEqual({ name: 'Grace' });
  expect(refused(await after.send('GET', `/data/collections/users/objects/${added}?options=unsafe`))).toBe(
    '404 PV3005',
  );

  // In itself the log is intact; what was kept elsewhere knows better.
  expect((await cli('audit', 'verify')).stdout).toMatch(/^The access log is intact/);
  const known = await cli('audit', 'verify', '--key', oldKey, '--since', at('note'));
  expect([known.code, known.stderr]).toEqual([1, expect.stringMatching(/WRONG at index \d+/)]);
  await until('the witness refused', async () => (await witnessed()).refused);
  const exported = await cli('audit', 'export', '--out', at('elsewhere.jsonl'));
  expect([exported.code, exported.stderr]).toEqual([1, expect.stringContaining('docs/OPERATIONS.md')]);

  const lost = await cli('audit', 'lost', '--export', at('elsewhere.jsonl'));
  const entries = lost.stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { entry: { operation: string; objects?: string[] } }).entry);
  expect(lost.stderr).toBe(`${entries.length} entries of the export are not in the log.\n`);
  const told = entries.map(({ operation, objects }) => [operation, ...(objects ?? [])].join(' '));
  for (const change of [`addObject ${added}`, `updateObjectById ${kept}`, `deleteObjectById ${erased}`])
    expect(told).toContain(change);
  expect(told.join()).not.toContain(`addObject ${kept}`);

  const [proves, cut] = [['--checkpoint', at('note'), '--key', oldKey, '--unsigned-tail'], at('cut.jsonl')];
  expect((await cli('audit', 'verify', '--export', at('elsewhere.jsonl'), ...proves)).stdout).toMatch(
    /^The export is intact/,
  );
  const whole = readFileSync(at('elsewhere.jsonl'), 'utf8');
  const lines = whole.trimEnd().split('\n');
  writeFileSync(cut, whole.slice(0, -9));
  writeFileSync(at('empty'), '');
  for (const [file, says, told] of [
    [at('nothing'), `Cannot read ${at('nothing')}: ENOENT.`, 0],
    [at('note'), `${at('note')} is no export in jsonl.`, 0],
    [at('empty'), `${at('empty')} has no entries.`, 0],
    [cut, `Line ${lines.length} of ${cut} is no whole line`, entries.length - 1],
  ] as const) {
    const refusal = await cli('audit', 'lost', '--export', file);
    expect([refusal.code, refusal.stderr]).toEqual([1, expect.stringContaining(says)]);
    expect(refusal.stdout.split('\n').length - 1).toBe(told);
  }
  // What was picked out of an export, and twice, is held against the log by its own places.
  const picked = lines.filter((_, n) => n % 3 === 0);
  writeFileSync(at('picked.jsonl'), [...picked, ...picked, ''].join('\n'));
  const ofPicked = picked.filter((line) => lost.stdout.includes(line));
  expect((await cli('audit', 'lost', '--export', at('picked.jsonl'))).stdout).toBe(
    [...ofPicked, ...ofPicked, ''].join('\n'),
  );

  const [own] = oldKey.split('+');
  for (const [origin, says] of [
    [own!, 'The log has, or had, this name already'],
    ['a b', '--origin must have neither'],
  ] as const)
    expect((await cli('audit', 'rename', '--origin', origin)).stderr).toContain(says);
  const renamed = await cli('audit', 'rename', '--origin', ORIGIN);
  expect([renamed.code, renamed.stdout]).toEqual([0, expect.stringContaining(`The log is ${ORIGIN} from`)]);
  const newKey = await newestKey(after);
  expect(renamed.stdout).toContain(newKey);

  // Nobody but those who run the witness can make it go on.
  await after.send('GET', '/ctl/collections');
  await until('the witness does not know the log', async () => (await witnessed()).refused);
  await watch([oldKey, newKey]);
  await until('the witness cosigns', async () => !(await witnessed()).refused);
  const { text: newNote } = await after.send('GET', '/api/coatcheck/1.0/audit/checkpoint');
  expect(newNote.split('\n')[0]).toBe(ORIGIN);
  writeFileSync(at('new-note'), newNote);
  const both = ['--key', oldKey, '--key', newKey, '--since', at('new-note')];
  expect((await cli('audit', 'verify', ...both)).stdout).toMatch(/^The access log is intact/);
  expect((await cli('audit', 'verify', '--key', oldKey)).stderr).toContain('not signed by a key of this log');
  const { body } = await after.send('GET', '/api/coatcheck/1.0/audit/entries?operation=renameAuditLog');
  expect(body.entries).toMatchObject([{ user: 'command-line', outcome: 'allowed', rule: ORIGIN }]);
  expect(readFileSync(at('elsewhere.jsonl'), 'utf8')).not.toContain(ORIGIN);
});
