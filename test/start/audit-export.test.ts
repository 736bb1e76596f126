import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { until } from '../support/until.js';
import { type TestVault, startVault } from '../support/vault.js';
import { Coatcheck, cleanUp, run } from './coatcheck-process.js';

let vault: TestVault;
let directory: string;
let key: string;
beforeAll(async () => {
  vault = await startVault();
  directory = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-export-'));
  for (let n = 0; n < 8; n++) await vault.send('GET', '/ctl/collections?custom_audit=a%0Ab|c%3Dd%1b[31m');
  [{ key }] = (await vault.send('GET', '/api/coatcheck/1.0/audit/keys')).body.keys as [{ key: string }];
  await vault.app.vault.checkpoints.sign();
});
afterAll(async () => {
  await cleanUp();
  await vault?.close();
  rmSync(directory, { recursive: true, force: true });
});

const env = () => ({ DATABASE_URL: vault.database.url });
const at = (name: string) => path.join(directory, name);
const audit = (...args: string[]) => run(['audit', ...args], env());
/** With no settings at all: nothing but files may be read. */
const offline = (...args: string[]) => run(['audit', 'verify', ...args], {});
const indexes = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { index: number }).index);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

test('an export with its checkpoint is verified with nothing but files and the key', async () => {
  const [file, note] = [at('log.jsonl'), at('checkpoint')];
  expect(await audit('export', '--out', file, '--checkpoint', note)).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
  expect([statSync(file).mode & 0o777, statSync(note).mode & 0o777]).toEqual([0o600, 0o600]);
  const { code, stdout } = await offline('--export', file, '--checkpoint', note, '--key', key);
  const count = indexes(readFileSync(file, 'utf8')).length;
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(
      new RegExp(`^The export is intact: ${count} entries of coatcheck/\\S+, root [0-9a-f]{64}\\n$`),
    ),
  ]);
  expect((await audit('verify', '--key', key, '--since', note)).code).toBe(0);
});

test('a proof in text form is verified with the line of the export, and with no other', async () => {
  const file = at('lines.jsonl');
  expect((await audit('export', '--out', file, '--to', '4')).code).toBe(0);
  const lines = readFileSync(file, 'utf8').split('\n');
  const { text } = await vault.send(
    'GET',
    '/api/coatcheck/1.0/audit/proof/inclusion?index=2&format=tlog-proof',
  );
  writeFileSync(at('proof'), text);
  const proved = async (entry: string, vkey = key) => {
    writeFileSync(at('entry'), entry);
    const { code, stdout, stderr } = await run(
      ['audit', 'proof', '--verify', at('proof'), '--entry', at('entry'), '--key', vkey],
      {},
    );
    return [code, stdout + stderr];
  };
  const exact = lines[2]!.slice(lines[2]!.indexOf(',"entry":') + 9, -1);
  expect(await proved(`${lines[2]}\n`)).toEqual([
    0,
    expect.stringContaining('The entry is at index 2 of coatcheck/'),
  ]);
  expect((await proved(exact))[0]).toBe(0);
  expect(await proved(lines[1]!)).toEqual([1, expect.stringContaining('does not lead from the entry')]);
  expect((await proved(exact.replace('Admin', 'Bdmin')))[0]).toBe(1);
  const foreign = 'log.example/vault+3929b792+AXd26HC5M1TyoLJMI/KjbMToDiIyGMG5eSb90Bg5aiub';
  expect(await proved(exact, foreign)).toEqual([1, expect.stringContaining('not signed by the given key')]);
  writeFileSync(at('proof'), text.replace('index 2', 'index 1'));
  expect((await proved(exact))[0]).toBe(1);
});

test('the export is recorded before anything is written', async () => {
  const before = (await vault.send('GET', '/api/coatcheck/1.0/audit/status')).body.size as number;
  expect((await audit('export', '--to', '3')).code).toBe(0);
  const { body } = await vault.send(
    'GET',
    '/api/coatcheck/1.0/audit/entries?operation=exportAuditLog&limit=1',
  );
  const [entry] = (body as { entries: { index: number; user: string }[] }).entries;
  expect([entry!.index >= before, entry!.user]).toEqual([true, 'command-line']);
});

test.each(['jsonl', 'ocsf', 'ecs', 'cef'])(
  '%s goes on behind its last whole line, and half a line is mended',
  async (format) => {
    const file = at(`part.${format}`);
    expect((await audit('export', '--format', format, '--out', file, '--to', '3')).code).toBe(0);
    const three = readFileSync(file, 'utf8');
    expect((await audit('export', '--format', format, '--out', file, '--to', '6')).code).toBe(0);
    const whole = readFileSync(file, 'utf8');
    expect(whole.startsWith(three)).toBe(true);
    truncateSync(file, Buffer.byteLength(whole) - 5);
    expect((await audit('export', '--format', format, '--out', file, '--to', '6')).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(whole);
    expect(whole.split('\n')).toHaveLength(7);
  },
);

test.each(['dear diary\n', 'dear diary\nI will', 'somebody is about to lose a key'])(
  'a file that is no export is left alone: %j',
  async (text) => {
    writeFileSync(at('diary.txt'), text);
    const { code, stderr } = await audit('export', '--out', at('diary.txt'));
    expect([code, stderr]).toEqual([1, expect.stringContaining('is no export of this format')]);
    expect(readFileSync(at('diary.txt'), 'utf8')).toBe(text);
  },
);

test('an export that begins in the middle is verified from there', async () => {
  const [file, note] = [at('middle.jsonl'), at('middle.note')];
  expect((await audit('export', '--from', '5', '--out', file, '--checkpoint', note)).code).toBe(0);
  const { code, stdout } = await offline('--export', file, '--checkpoint', note, '--key', key);
  expect([code, stdout]).toEqual([0, expect.stringContaining('entries 5 to ')]);
});

test('what does not fit: status 1 and what is wrong, never a stack', async () => {
  const [file, note] = [at('log.jsonl'), at('checkpoint')];
  const damaged = at('damaged.jsonl');
  writeFileSync(damaged, readFileSync(file, 'utf8').replace(/("index":4.*)"user":"A/, '$1"user":"B'));
  const other = 'other.example+3929b792+AXd26HC5M1TyoLJMI/KjbMToDiIyGMG5eSb90Bg5aiub';
  const foreign = 'log.example/vault+3929b792+AXd26HC5M1TyoLJMI/KjbMToDiIyGMG5eSb90Bg5aiub';
  const witness = 'witness.example+7c9d3657+BIuwThwbg93fMR9bzd98UO3jwIAvR+x5bioTHPQSmNnz';
  const cases: [string[], string][] = [
    [
      ['--export', damaged, '--checkpoint', note, '--key', key],
      'WRONG at index 4: the bytes do not have the leaf hash',
    ],
    [['--export', file, '--checkpoint', note, '--key', foreign], 'not signed by the given key'],
    [['--export', file, '--checkpoint', note, '--key', other], 'verifier key of a log'],
    [
      ['--export', file, '--checkpoint', note, '--key', key, '--witness', witness],
      'not cosigned by witness.example',
    ],
    [['--export', file, '--checkpoint', note], '--key'],
    [['--export', file, '--checkpoint', file, '--key', key], 'holds a line that is no checkpoint'],
    [['--export', at('nothing'), '--checkpoint', note, '--key', key], 'ENOENT'],
  ];
  for (const [args, said] of cases) {
    const { code, stdout, stderr } = await offline(...args);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(said)]);
    expect(stderr).not.toContain('    at ');
  }
  const live = await audit('verify', '--key', foreign);
  expect([live.code, live.stderr]).toEqual([
    1,
    expect.stringContaining('is not signed by a key of this log'),
  ]);
});

test.each([
  [['--out', 'a', '--url', 'https://x.example'], 'exclude each other'],
  [['--url', 'https://x.example'], 'needs --position'],
  [['--url', 'http://x.example', '--position', 'p'], 'must be https'],
  [['--follow', '--to', '3'], 'has no end'],
  [['--checkpoint', 'c', '--format', 'cef'], 'only jsonl can be verified'],
  [['--format', 'xml'], 'Allowed choices'],
  [['--from', '-1'], 'position in the log'],
])('export %j is refused', async (args, said) => {
  const { code, stderr } = await audit('export', ...args);
  expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
});

test('a reader that goes away ends the export without an error', async () => {
  const child = new Coatcheck(['audit', 'export', '--follow'], env());
  await until('it writes', () => child.stdout !== '' || child.ended);
  child.child.stdout!.destroy();
  await vault.send('GET', '/ctl/collections');
  expect([await child.exit(), child.stderr]).toEqual([0, '']);
});

test('followed, it tells what comes and ends cleanly on SIGTERM; taken up again it leaves nothing out', async () => {
  const file = at('followed.jsonl');
  const child = new Coatcheck(['audit', 'export', '--follow', '--out', file], env());
  const newest = async (operation: string): Promise<number> => {
    const { body } = await vault.send(
      'GET',
      `/api/coatcheck/1.0/audit/entries?operation=${operation}&limit=1`,
    );
    return (body as { entries: [{ index: number }] }).entries[0].index;
  };
  const index = await newest('listCollections');
  await until('it is there', () => existsSync(file) && indexes(readFileSync(file, 'utf8')).includes(index));
  await vault.send('GET', '/ctl/collections');
  const later = await newest('listCollections');
  await until('the next one is there', () => indexes(readFileSync(file, 'utf8')).includes(later));
  expect(await child.stop('SIGTERM')).toBe(0);
  expect((await audit('export', '--out', file)).code).toBe(0);
  const found = indexes(readFileSync(file, 'utf8'));
  expect(found).toEqual(upTo(found.length));
});

describe('a collector', () => {
  let server: Server;
  let bodies: string[];
  let refusals: number[];
  let headers: (string | undefined)[];
  let url: string;
  beforeEach(async () => {
    [bodies, refusals, headers] = [[], [], []];
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      request.on('end', () => {
        headers.push(request.headers['x-collector-key'] as string | undefined);
        const status = refusals.shift() ?? 200;
        if (status === 200) bodies.push(body);
        response.writeHead(status, status === 503 ? { 'retry-after': '0' } : {}).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  test('gets every entry in order, however often it refuses, and goes on where it was', async () => {
    const position = at('position');
    writeFileSync(at('headers'), 'X-Collector-Key: secret-word\n');
    refusals = [503, 500, 429];
    const args = ['export', '--url', url, '--position', position, '--header-file', at('headers')];
    const first = await audit(...args);
    expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('(status 503); trying again')]);
    expect(first.stderr).not.toContain('secret-word');
    expect(new Set(headers)).toEqual(new Set(['secret-word']));
    await vault.send('GET', '/ctl/collections');
    expect((await audit(...args)).code).toBe(0);
    const found = indexes(bodies.join(''));
    expect(found).toEqual(upTo(found.length));
    expect(JSON.parse(readFileSync(position, 'utf8'))).toMatchObject({ next: found.length });
  });

  test('that was not heard answering gets the entries again, never fewer', async () => {
    const position = at('lost-position');
    const args = ['export', '--url', url, '--position', position];
    expect((await audit(...args, '--to', '4')).code).toBe(0);
    const reached = readFileSync(position, 'utf8');
    expect((await audit(...args, '--to', '6')).code).toBe(0);
    // As if the process had died between the answer and the note of it.
    writeFileSync(position, reached);
    expect((await audit(...args, '--to', '6')).code).toBe(0);
    expect(bodies.map(indexes)).toEqual([
      [0, 1, 2, 3],
      [4, 5],
      [4, 5],
    ]);
  });

  test('that will never take it ends the command, with the position kept', async () => {
    refusals = [403];
    const { code, stderr } = await audit('export', '--url', url, '--position', at('refused-position'));
    expect([code, stderr]).toEqual([1, expect.stringContaining('answers 403')]);
    expect(existsSync(at('refused-position'))).toBe(false);
  });

  test('whose position is of another log is not served from it', async () => {
    writeFileSync(at('foreign'), `{"next":3,"leaf":"${'00'.repeat(32)}"}\n`);
    const { code, stderr } = await audit('export', '--url', url, '--position', at('foreign'));
    expect([code, stderr]).toEqual([1, expect.stringContaining('is not of this log')]);
    appendFileSync(at('foreign'), 'x');
    expect((await audit('export', '--url', url, '--position', at('foreign'))).stderr).toContain(
      'no position',
    );
    expect(bodies).toEqual([]);
  });

  test('that is away: SIGTERM ends the waiting', async () => {
    refusals = Array.from({ length: 100 }, () => 500);
    const child = new Coatcheck(
      ['audit', 'export', '--follow', '--url', url, '--position', at('away')],
      env(),
    );
    await until('it waits', () => child.stderr.includes('trying again') || child.ended);
    expect(await child.stop('SIGTERM')).toBe(0);
  });
});
