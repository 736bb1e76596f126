import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { formatVerifierKey, parseNote, parseVerifierKey, signersOf } from '../../src/access-log/note.js';
import { fileMemory } from '../../src/access-log/witness/memory.js';
import { Witness } from '../../src/access-log/witness/witness.js';
import { witnessKey } from '../../src/crypto/index.js';
import { type WitnessServer, listenAsWitness } from '../../src/http/witness-server.js';
import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { until } from '../support/until.js';
import { type TestVault, startVault } from '../support/vault.js';

/*
 * What a log cannot show by itself: that it was put back to an earlier state, or signed by a thief of its key. The witness, which stands
 * elsewhere and remembers, can.
 */

const AUDIT = '/api/coatcheck/1.0/audit';
const TABLES = [
  'access_log',
  'access_log_head',
  'access_log_text',
  'access_log_node',
  'access_log_checkpoint',
  'access_log_cosignature',
  'access_log_projection',
  'access_log_projection_head',
];

let directory: string;
let database: TestDatabase;
let sql: Superuser;
let vault: TestVault | undefined;
let server: WitnessServer;
let witness: Witness;

beforeEach(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-witness-'));
  database = await cloneDatabase();
  sql = await openSuperuser(database.url);
  // The log's key is made at its first start; the witness is told of it, and then the vault of the witness.
  vault = await startVault({}, database);
  const { body } = await vault.send('GET', `${AUDIT}/keys`);
  const [log] = body.keys as { key: string }[];
  await vault.close();
  witness = new Witness(
    'witness.example',
    await witnessKey(path.join(directory, 'witness.key')),
    [parseVerifierKey(log!.key)],
    fileMemory(directory),
  );
  server = await listenAsWitness(witness, { host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await vault?.close();
  await server.close();
  await sql.close();
  await database.drop();
  rmSync(directory, { recursive: true });
});

const start = async (): Promise<TestVault> =>
  (vault = await startVault(
    {
      COATCHECK_AUDIT_WITNESSES: `${formatVerifierKey(witness.key)} ${server.url}`,
      COATCHECK_AUDIT_CHECKPOINT_FILE: path.join(directory, 'checkpoints.jsonl'),
    },
    database,
  ));

interface Status {
  problems: string[];
  checkpoint_size: number;
  witnesses: [{ cosigned_size: number; refused: boolean; problem?: string }];
}
const status = async (of: TestVault): Promise<Status> =>
  (await of.send('GET', `${AUDIT}/status`)).body as Status;

/** Uses the vault and waits until the witness has cosigned something of it. */
async function useUntilCosigned(of: TestVault, past: number): Promise<number> {
  for (let n = 0; n < 10; n++) await of.send('GET', '/ctl/collections');
  let size = 0;
  await until(
    'the witness cosigned',
    async () => (size = (await status(of)).witnesses[0].cosigned_size) > past,
  );
  return size;
}

test('checkpoints are cosigned while the log grows, and published to the file', async () => {
  const first = await start();
  await useUntilCosigned(first, await useUntilCosigned(first, 0));
  const { text } = await first.send('GET', `${AUDIT}/checkpoint`);
  const { body } = await first.send('GET', `${AUDIT}/keys`);
  const keys = [...(body.keys as { key: string }[]).map(({ key }) => key), ...(body.witnesses as string[])];
  expect(keys.at(-1)).toBe(formatVerifierKey(witness.key));
  const [line] = readFileSync(path.join(directory, 'checkpoints.jsonl'), 'utf8').split('\n');
  const { checkpoint } = JSON.parse(line!) as { checkpoint: string };
  for (const note of [text, checkpoint])
    expect(signersOf(parseNote(note), keys.map(parseVerifierKey))[0]!.name).toMatch(/^coatcheck/);
  expect(signersOf(parseNote(checkpoint), [witness.key])).toEqual([witness.key]);
});

test('a database put back whole to an earlier state: the witness knows a longer log, and that is an alarm', async () => {
  await useUntilCosigned(await start(), 0);
  await vault!.close();
  for (const table of TABLES) await sql.query(`create table saved_${table} as table ${table}`);
  await useUntilCosigned(await start(), 20);
  await vault!.close();
  for (const table of TABLES) {
    await sql.query(`delete from ${table}`);
    await sql.query(`insert into ${table} table saved_${table}`);
  }

  const rolledBack = await start();
  await until('the witness refused', async () => (await status(rolledBack)).witnesses[0].refused);
  const { problem } = (await status(rolledBack)).witnesses[0];
  expect(problem).toMatch(/rolled back|another log|does not continue/);
  await until('the alarm is logged', () => rolledBack.logged().includes('integrity alarm'));
  const { body } = await rolledBack.send('GET', `${AUDIT}/entries?operation=integrityAlarm`);
  expect(body.entries[0]).toMatchObject({ outcome: 'failed', error_code: 'PV9010' });
  expect(body.entries).toHaveLength(1);
});

test('a log rewritten and signed with the stolen key: the witness does not cosign it', async () => {
  await useUntilCosigned(await start(), 0);
  await vault!.close();
  // Whoever runs the vault's own program on a log he emptied has all its keys.
  await sql.query('delete from access_log_cosignature');
  await sql.query('delete from access_log_checkpoint');
  await sql.query('delete from access_log_node');
  await sql.query('delete from access_log');
  await sql.query('delete from access_log_text');
  await sql.query('delete from access_log_projection');
  await sql.query(`update access_log_head set size = 0, frontier = ''`);
  await sql.query('update access_log_projection_head set size = 0');

  const forged = await start();
  for (let n = 0; n < 60; n++) await forged.send('GET', '/ctl/collections');
  await until('the witness refused', async () => (await status(forged)).witnesses[0].refused);
  expect((await status(forged)).witnesses[0].cosigned_size).toBe(0);
});

test('a log cut off below what was cosigned, the cosignatures left behind, is an alarm', async () => {
  const size = await useUntilCosigned(await start(), 0);
  await vault!.close();
  await sql.query(
    'update access_log_cosignature set size = 100000 where size = (select max(size) from access_log_cosignature)',
  );
  const cut = await start();
  await until('it is noticed', async () => (await status(cut)).witnesses[0].refused);
  expect(size).toBeGreaterThan(0);
});

test('a witness that is away is a problem and no alarm, and is asked again', async () => {
  await server.close();
  const alone = await start();
  await alone.send('GET', '/ctl/collections');
  await until('it is noticed', async () => (await status(alone)).witnesses[0].problem !== undefined);
  expect((await status(alone)).witnesses[0]).toMatchObject({
    refused: false,
    problem: 'it cannot be reached',
  });
  expect(alone.logged()).not.toContain('integrity alarm');
  const { port } = new URL(server.url);
  server = await listenAsWitness(witness, { host: '127.0.0.1', port: Number(port) });
  await until('it is cosigned', async () => (await status(alone)).witnesses[0].cosigned_size > 0);
});
