import { execFileSync } from 'node:child_process';
import net from 'node:net';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { until } from '../support/until.js';
import { type Answer, type Sent, send } from '../support/vault.js';
import { Coatcheck, cleanUp, newDataDir, run } from './coatcheck-process.js';

const LIMIT = 100;
const IAM = `[users.clerk]
role = "clerk"
[roles.clerk]
capabilities = ["*"]
policies = []
[policies]
`;
const dataDir = newDataDir();

let database: TestDatabase;
beforeAll(async () => {
  database = await cloneDatabase('template0');
});
afterAll(async () => {
  await cleanUp();
  await database.drop();
});

const settings = (): Record<string, string> => ({
  DATABASE_URL: database.url,
  COATCHECK_DATA_DIR: dataDir,
  COATCHECK_SERVICE_WORKERS: '2',
  COATCHECK_SERVICE_RATE_LIMIT_PER_CLIENT: String(LIMIT),
});
const start = (): Coatcheck => new Coatcheck(['dev'], settings());

/** Processes that a vault started. */
function workersOf({ child }: Coatcheck): number[] {
  try {
    const found = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' });
    return found.trim().split('\n').map(Number);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A request on a connection of its own: the next one goes to another worker. */
const ask = (url: string, method: string, path: string, sent: Sent = {}): Promise<Answer> =>
  send(url, method, path, { ...sent, headers: { connection: 'close' } });

describe('two workers', () => {
  let vault: Coatcheck;
  let url: string;
  const added = new Map<string, string>();
  beforeAll(async () => {
    vault = start();
    url = await vault.ready();
  });

  async function add(n: number): Promise<void> {
    const ssn = `219-09-${1000 + n}`;
    const answer = await ask(url, 'POST', '/data/collections/people/objects', { json: { ssn } }).catch(
      () => null,
    );
    if (answer?.status === 200) added.set(answer.body.id as string, ssn);
  }

  async function expectAll(): Promise<void> {
    for (const [id, ssn] of added) {
      const { body } = await ask(url, 'GET', `/data/collections/people/objects/${id}?options=unsafe`);
      expect(body).toEqual(expect.objectContaining({ ssn }));
    }
  }

  test('serve one address, which is said once; one that is killed is replaced, and what was acknowledged is there', async () => {
    expect(vault.stdout.match(/Coatcheck is ready on/g)).toHaveLength(1);
    const { body: cluster } = await ask(url, 'GET', '/ctl/info/cluster');
    expect(cluster.workers).toHaveLength(2);
    const [first, second] = workersOf(vault) as [number, number];
    await ask(url, 'POST', '/ctl/collections', {
      raw: 'people PERSONS ( ssn SSN )',
      type: 'application/pvschema',
    });

    for (let n = 0; n < 6; n++) await add(n);
    expect(added.size).toBe(6);
    const more = Promise.all(Array.from({ length: 14 }, (_, n) => add(6 + n)));
    process.kill(first, 'SIGKILL');
    await more;
    await until('it is replaced', () => vault.stdout.includes('"message":"a worker serves"'));
    expect(vault.stdout).toMatch(/"ended":"SIGKILL".*"message":"a worker ended and is replaced"/);
    expect(workersOf(vault)).toHaveLength(2);
    expect(workersOf(vault)).toContain(second);
    await expectAll();
    expect(vault.stdout).toMatch(/"message":"request".*"worker":1/);
    expect(vault.stdout).toMatch(/"message":"request".*"worker":2/);
  });

  test('are one to Prometheus', async () => {
    const scrape = await (await fetch(`${url}/metrics`)).text();
    expect(scrape).toMatch(/^workers 2$/m);
    const read = `http_requests_total{operation="getObjectById",status="200"} ${added.size}`;
    expect(scrape.split('\n')).toContain(read);
  });

  test('hold limits together: of a client, and of wrong keys', async () => {
    await ask(url, 'POST', '/ctl/iam/conf', { raw: IAM, type: 'application/toml' });
    const { body: clerk } = await ask(url, 'POST', '/ctl/iam/user/regen', { json: { name: 'clerk' } });
    const key = clerk.api_key as string;
    let allowed = 0;
    for (let refused = 0; refused < 4;) {
      const { status } = await ask(url, 'GET', '/ctl/collections', { key });
      if (status === 429) refused += 1;
      else {
        // Whichever of them made the key, both know it when it was answered.
        expect(status).toBe(200);
        allowed += 1;
      }
    }
    expect(allowed).toBeLessThanOrEqual(LIMIT);
    expect(allowed).toBeGreaterThan(LIMIT * 0.9);

    // Each worker by itself would forgive five.
    const wrong: number[] = [];
    while (wrong.length < 8 && !wrong.includes(429)) {
      wrong.push((await ask(url, 'GET', '/ctl/collections', { key: 'wrong' })).status);
    }
    expect(wrong.at(-1)).toBe(429);
  });

  test('end with the primary when it is killed, and with all that they wrote when it is told to end; the log is intact', async () => {
    const killed = workersOf(vault);
    await vault.stop('SIGKILL');
    await until('no worker stays behind', () => !killed.some(isAlive), 5_000);

    vault = start();
    url = await vault.ready();
    const workers = workersOf(vault);
    await expectAll();
    expect(await vault.stop('SIGTERM')).toBe(0);
    expect(workers.filter(isAlive)).toEqual([]);
    expect(vault.stdout).not.toContain('is replaced');
    const verified = await run(['audit', 'verify'], settings());
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('intact')]);
  });
});

test('what stands against the start of the workers is said once, and none is left', async () => {
  const blocker = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => blocker.once('listening', resolve));
  const { port } = blocker.address() as net.AddressInfo;
  try {
    const { code, stdout, stderr } = await run(['dev'], {
      ...settings(),
      COATCHECK_SERVICE_LISTEN_ADDR: `127.0.0.1:${port}`,
    });
    expect(stderr).toBe(
      `Cannot listen on 127.0.0.1:${port}: it is in use by another program. Set COATCHECK_SERVICE_LISTEN_ADDR.\n`,
    );
    expect([code, stdout]).toEqual([1, '']);
  } finally {
    blocker.close();
  }
});
