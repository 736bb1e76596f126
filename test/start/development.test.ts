import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { layoutOf } from '../../src/store/embedded/layout.js';
import { cloneDatabase } from '../support/test-postgres.js';
import { send } from '../support/vault.js';
import { Coatcheck, cleanUp, newDataDir, run, serversIn } from './coatcheck-process.js';

afterAll(cleanUp);

const SCHEMA = { raw: 'people PERSONS ( ssn SSN, name NAME NULL )', type: 'application/pvschema' };
const start = (dataDir: string, env: Record<string, string> = {}): Coatcheck =>
  new Coatcheck(['dev'], { COATCHECK_DATA_DIR: dataDir, ...env });

/** Adds objects and returns their ids by value: what was acknowledged. */
async function addSome(url: string, count: number): Promise<Map<string, string>> {
  const added = new Map<string, string>();
  await send(url, 'POST', '/ctl/collections', SCHEMA);
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const ssn = `219-09-${1000 + i}`;
      const answer = await send(url, 'POST', '/data/collections/people/objects', { json: { ssn } });
      if (answer.status === 200) added.set(answer.body.id, ssn);
    }),
  );
  expect(added.size).toBe(count);
  return added;
}

async function expectAll(url: string, added: Map<string, string>): Promise<void> {
  for (const [id, ssn] of added) {
    const answer = await send(url, 'GET', `/data/collections/people/objects/${id}?options=unsafe`);
    expect(answer.body).toEqual(expect.objectContaining({ ssn }));
  }
}

test('the first start says where it listens, that it is development, its key and a first curl that works; Ctrl-C stops both; the next start has everything', async () => {
  const dataDir = newDataDir();
  const first = start(dataDir);
  const url = await first.ready();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(first.stdout).toMatch(/mode +development/);
  expect(first.stdout).toMatch(/admin key +pvaultauth/);
  expect(first.stdout).toContain(`${url}/docs`);

  const curl = /^ *(curl .*)$/m.exec(first.stdout)![1]!;
  expect(execFileSync('sh', ['-c', `${curl} --silent --fail`], { encoding: 'utf8' })).toBe('[]');
  expect(serversIn(dataDir)).not.toEqual([]);
  for (const file of ['keys/root.key', 'keys/root.key.epochs']) {
    expect(statSync(path.join(dataDir, file)).mode & 0o077).toBe(0);
  }
  const added = await addSome(url, 5);

  const running = await run(['audit', 'verify'], { COATCHECK_DATA_DIR: dataDir });
  expect([running.code, running.stdout]).toEqual([
    0,
    expect.stringMatching(/intact: \d+ entries, root [0-9a-f]{64}/),
  ]);
  expect((await send(url, 'GET', '/ctl/collections')).status).toBe(200);
  const rewrapped = await run(['keys', 'rewrap'], { COATCHECK_DATA_DIR: dataDir });
  expect([rewrapped.code, rewrapped.stdout]).toEqual([0, 'Wrapped 0 keys anew.\n']);

  expect(await first.stop('SIGINT')).toBe(0);
  expect(serversIn(dataDir)).toEqual([]);
  expect(first.stderr).toBe('');

  const stopped = await run(['audit', 'verify'], { COATCHECK_DATA_DIR: dataDir });
  expect([stopped.code, stopped.stdout]).toEqual([0, expect.stringContaining('intact')]);
  expect(serversIn(dataDir)).toEqual([]);

  const again = start(dataDir);
  await expectAll(await again.ready(), added);
  expect(await again.stop('SIGTERM')).toBe(0);
  expect(serversIn(dataDir)).toEqual([]);
});

test('after kill -9 the next start ends the old PostgreSQL and has everything that was acknowledged', async () => {
  const dataDir = newDataDir();
  const first = start(dataDir);
  const added = await addSome(await first.ready(), 30);
  const before = serversIn(dataDir);
  await first.stop('SIGKILL');
  expect(serversIn(dataDir)).not.toEqual([]);

  const second = start(dataDir);
  const url = await second.ready();
  expect(serversIn(dataDir).filter((pid) => before.includes(pid))).toEqual([]);
  await expectAll(url, added);
  const verified = await run(['audit', 'verify'], { COATCHECK_DATA_DIR: dataDir });
  expect(verified.code).toBe(0);

  const third = await run(['dev'], { COATCHECK_DATA_DIR: dataDir });
  expect([third.code, third.stderr]).toEqual([
    1,
    expect.stringMatching(/in use by another running vault \(pid \d+\)/),
  ]);
  expect(third.stderr.trim().split('\n')).toHaveLength(1);
  expect((await send(url, 'GET', '/ctl/collections')).status).toBe(200);
  expect(await second.stop()).toBe(0);
});

describe('with keys that do not fit', () => {
  const dataDir = newDataDir();
  const rootKey = path.join(dataDir, 'keys/root.key');
  const epochs = `${rootKey}.epochs`;
  let good: { rootKey: string; epochs: string };
  beforeAll(async () => {
    const first = start(dataDir);
    await first.ready();
    await first.stop();
    good = { rootKey: readFileSync(rootKey, 'utf8'), epochs: readFileSync(epochs, 'utf8') };
  });
  afterEach(() => {
    writeFileSync(rootKey, good.rootKey);
    writeFileSync(epochs, good.epochs);
  });

  test.each<[string, () => void, RegExp]>([
    ['another root key', () => writeFileSync(rootKey, randomBytes(32).toString('base64')), /^Wrong root key/],
    ['a root key that is none', () => writeFileSync(rootKey, 'secret-words'), /does not hold a root key/],
    [
      'the root key lost, and a new one made in its place',
      () => renameSync(rootKey, `${rootKey}.lost`),
      /^Wrong root key/,
    ],
    ['the epoch file lost', () => renameSync(epochs, `${epochs}.lost`), /epoch file .* cannot be read/],
  ])('%s: a clear message in one line, status 1 and nothing left running', async (_name, spoil, message) => {
    spoil();
    const { code, stdout, stderr } = await run(['dev'], { COATCHECK_DATA_DIR: dataDir });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('secret-words');
    expect([code, stdout]).toEqual([1, '']);
    expect(serversIn(dataDir)).toEqual([]);
  });
});

test('an address in use: says so in one line, ends with status 1 and stops its PostgreSQL', async () => {
  const blocker = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => blocker.once('listening', resolve));
  const { port } = blocker.address() as net.AddressInfo;
  const dataDir = newDataDir();
  try {
    const { code, stderr } = await run(['dev'], {
      COATCHECK_DATA_DIR: dataDir,
      COATCHECK_SERVICE_LISTEN_ADDR: `127.0.0.1:${port}`,
    });
    expect(stderr).toBe(
      `Cannot listen on 127.0.0.1:${port}: it is in use by another program. Set COATCHECK_SERVICE_LISTEN_ADDR.\n`,
    );
    expect(code).toBe(1);
    expect(serversIn(dataDir)).toEqual([]);
  } finally {
    blocker.close();
  }
});

test('development refuses to listen for others than this machine, before it makes anything', async () => {
  const dataDir = newDataDir();
  for (const address of ['0.0.0.0:0', '[::]:0']) {
    const { code, stderr } = await run(['dev'], {
      COATCHECK_DATA_DIR: dataDir,
      COATCHECK_SERVICE_LISTEN_ADDR: address,
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining('loopback only')]);
  }
  expect(existsSync(dataDir)).toBe(false);
});

test('a setting that is misspelt or cannot be read stops the start with all of them, and no value', async () => {
  const { code, stderr } = await run(['dev'], {
    COATCHECK_DATA_DIR: newDataDir(),
    COATCHECK_KMS_KEI: 'the-secret',
    COATCHECK_LOG_LEVEL: 'the-secret',
    PVAULT_DB_PORT: 'the-secret',
  });
  expect(code).toBe(1);
  expect(stderr.trim().split('\n').sort()).toEqual([
    'COATCHECK_KMS_KEI is not a setting.',
    'COATCHECK_LOG_LEVEL must be error, warn, info or debug.',
    'PVAULT_DB_PORT must be a whole number from 1 to 65535.',
  ]);
});

test('with DATABASE_URL it uses that database and starts none', async () => {
  const database = await cloneDatabase('template0');
  const dataDir = newDataDir();
  try {
    const vault = start(dataDir, { DATABASE_URL: database.url });
    await addSome(await vault.ready(), 1);
    expect(serversIn(dataDir)).toEqual([]);
    expect(existsSync(layoutOf(dataDir).cluster)).toBe(false);
    expect(await vault.stop()).toBe(0);
  } finally {
    await database.drop();
  }
});
