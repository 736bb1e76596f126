import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type Server, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { program } from '../../../src/cli/program.js';
import { OperatorError } from '../../../src/errors.js';
import { Coatcheck, cleanUp } from '../../start/coatcheck-process.js';
import {
  DELETED,
  type Keys,
  LOGIN,
  behind,
  iam,
  loginOf,
  objectsNow,
  withHook,
} from '../../operations/idp/support.js';
import { keyOf, setIam } from '../../support/iam.js';
import { until } from '../../support/until.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { CREDENTIAL, type ManagementApi, startAuth0Api } from '../../idp/management-apis.js';

let auth0: ManagementApi;
let vault: TestVault;
let keys: Keys;
let folder: string;
let proxy: Server;
let proxied: string;
/** What happens to the next requests on their way to the vault, first to last; after them all go through. */
let onTheWay: ((go: Go) => Promise<Passed>)[] = [];
interface Passed {
  status: number;
  body?: Buffer;
  headers?: Record<string, string>;
}
type Go = () => Promise<Passed>;

beforeAll(async () => {
  auth0 = await startAuth0Api();
  vault = await startVault({ COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: auth0.base });
  keys = await withHook(vault);
  folder = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-migrate-'));
  proxy = createServer((incoming, outgoing) => {
    const body: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => body.push(chunk));
    incoming.on('end', () => {
      const go = (): Promise<Passed> =>
        new Promise((resolve, reject) => {
          const { method, headers, url = '' } = incoming;
          const onward = request(vault.url + url, { method: method!, headers }, (answer) => {
            const said: Buffer[] = [];
            answer.on('data', (chunk: Buffer) => said.push(chunk));
            answer.on('end', () => resolve({ status: answer.statusCode!, body: Buffer.concat(said) }));
          });
          onward.on('error', reject);
          onward.end(Buffer.concat(body));
        });
      const isPage = /\/import\?|\/restore\?/.test(incoming.url!);
      const act = (isPage && onTheWay.shift()) || ((send: typeof go) => send());
      void act(go).then(({ status, body: said, headers = {} }) =>
        outgoing.writeHead(status, headers).end(said),
      );
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  proxied = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await cleanUp();
  proxy.close();
  proxy.closeAllConnections();
  await vault.close();
  await auth0.close();
  rmSync(folder, { recursive: true, force: true });
});

const busy = (status: number) => async (): Promise<Passed> => ({ status, headers: { 'retry-after': '0' } });
const at = (name: string): string => path.join(folder, name);
const linesIn = (name: string): Record<string, unknown>[] =>
  readFileSync(at(name), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

interface Ran {
  failed: string;
  stdout: string;
  stderr: string;
}

/** A command in this process, as `coatcheck idp …` would run it. */
async function idp(args: readonly string[], { url = vault.url, key = keys.importer } = {}): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof said): PassThrough =>
    new PassThrough().on('data', (chunk: Buffer) => (said[name] += chunk.toString('utf8')));
  const terminal = {
    env: { COATCHECK_URL: url, COATCHECK_API_KEY: key },
    ...{ stdout: sink('stdout'), stderr: sink('stderr') },
    interrupted: new Promise<void>(() => undefined),
  };
  let failed = '';
  try {
    await program(terminal).parseAsync(['node', 'coatcheck', 'idp', ...args]);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    failed = error.message;
  }
  return { failed, ...said };
}

const migrate = (name: string, ...more: string[]): string[] => [
  'migrate',
  '--from',
  'auth0',
  '--issuer',
  'acme',
  '--in',
  at(name),
  '--json',
  ...more,
];
const ssnOf = (i: number): string => `123-12-${String(1000 + i)}`;

function exportOf(name: string, count: number, more: readonly object[] = []): void {
  const users = Array.from({ length: count }, (_, i) => ({
    user_id: `auth0|${name} ${i}`,
    app_metadata: { national_id: `${name}-${i}`, ssn: ssnOf(i), theme: 'dark' },
  }));
  writeFileSync(at(name), [...users, ...more].map((user) => JSON.stringify(user)).join('\n'));
}

test('a dry run reports what would be done and leaves the vault as it is', async () => {
  exportOf('dry.ndjson', 3, [
    {
      user_id: 'auth0|odd',
      app_metadata: { ssn: 'canary-value', passport: 'X1', note: 'ada@canary.example' },
    },
    { nobody: 1 },
  ]);
  const before = await objectsNow(vault);
  const { failed, stdout } = await idp(migrate('dry.ndjson', '--dry-run'));
  expect(JSON.parse(stdout)).toEqual({
    users: 5,
    not_linked: 3,
    queued: 0,
    outcomes: { created: 3, failed: 1, nothing: 1 },
    fields: { 'app_metadata.national_id -> user_id': 3, 'app_metadata.ssn -> ssn': 3 },
    to_remove: { 'app_metadata.national_id': 3, 'app_metadata.ssn': 3 },
    warnings: {
      'quarantined app_metadata.ssn': 1,
      'unmapped_pii app_metadata.note': 1,
      'unmapped_pii app_metadata.passport': 1,
    },
    failures: { 'PV9087 user.user_id: It is missing.': 1 },
  });
  expect(failed).toBe('1 users failed; the report says why, the journal says which.');
  expect(stdout).not.toContain('canary');
  expect(await objectsNow(vault)).toBe(before);
});

test('users go into the vault, and each login finds what was stored; the journal names nobody', async () => {
  exportOf('all.ndjson', 25);
  const before = await objectsNow(vault);
  const run = await idp(migrate('all.ndjson', '--journal', at('all.journal'), '--page-size', '10'));
  expect([run.failed, JSON.parse(run.stdout).outcomes]).toEqual(['', { created: 25 }]);
  expect(await objectsNow(vault)).toBe(before + 25);
  const { body } = await vault.send('POST', LOGIN, { json: loginOf('all.ndjson 7', {}), key: keys.hook });
  expect(await behind(vault, body.token)).toEqual({ user_id: 'all.ndjson-7', ssn: ssnOf(7) });

  const journal = readFileSync(at('all.journal'), 'utf8');
  expect(journal).not.toMatch(/auth0\||all\.ndjson|123-12/);
  expect(statSync(at('all.journal')).mode & 0o777).toBe(0o600);
  const again = await idp(migrate('all.ndjson', '--journal', at('all.journal'), '--page-size', '10'));
  expect(JSON.parse(again.stdout).users).toBe(0);
});

test.each([
  ['before the vault had the page', async () => 'kill' as const],
  ['when the vault had stored the page and nobody knew', async (go: Go) => (await go(), 'kill' as const)],
])('killed %s, the same command goes on, and every user is done once', async (_, act) => {
  const name = `killed-${String(onTheWay.length)}-${Math.random().toString(36).slice(2)}.ndjson`;
  exportOf(name, 60);
  const args = [
    ...migrate(name, '--journal', at(`${name}.journal`), '--page-size', '10'),
    ...['--phase', 'scrub', '--out', at(`${name}.out`)],
  ];
  const before = await objectsNow(vault);
  const child = new Coatcheck(['idp', ...args], { COATCHECK_URL: proxied, COATCHECK_API_KEY: keys.importer });
  const pass = (go: Go): Promise<Passed> => go();
  const kill = async (go: Go): Promise<Passed> => {
    await act(go);
    child.child.kill('SIGKILL');
    return { status: 500 };
  };
  onTheWay = [pass, pass, pass, kill];
  expect(await child.exit()).toBe(null);
  expect(child.child.signalCode).toBe('SIGKILL');
  onTheWay = [];
  const done = linesIn(`${name}.journal`).filter(({ n }) => n !== undefined).length;
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(60);
  // As if the machine had stopped in the middle of a line.
  writeFileSync(at(`${name}.journal`), `${readFileSync(at(`${name}.journal`), 'utf8')}{"n":${done},"ke`);
  writeFileSync(at(`${name}.out`), `${readFileSync(at(`${name}.out`), 'utf8')}{"method":"PAT`);

  const { failed, stderr } = await idp(args);
  expect([failed, stderr]).toEqual(['', expect.stringContaining('backups of its database')]);
  expect(await objectsNow(vault)).toBe(before + 60);
  const requests = linesIn(`${name}.out`);
  expect(requests.map((each) => each.path)).toEqual(
    Array.from({ length: 60 }, (__, i) => `/api/v2/users/${encodeURIComponent(`auth0|${name} ${i}`)}`),
  );
  expect(requests[7]).toMatchObject({
    body: { app_metadata: { ssn: null, national_id: null, pii_object_id: expect.any(String) } },
  });
  expect(readFileSync(at(`${name}.out`), 'utf8')).not.toMatch(/123-12-\d/);
  expect(
    linesIn(`${name}.journal`)
      .filter(({ n }) => n !== undefined)
      .map(({ n }) => n),
  ).toEqual(Array.from({ length: 60 }, (__, i) => i));
});

test('a journal goes on only with its own input, provider, phase and key', async () => {
  exportOf('one.ndjson', 4);
  const args = migrate('one.ndjson', '--journal', at('one.journal'));
  expect((await idp(args)).failed).toBe('');
  const says = async (...given: Parameters<typeof idp>): Promise<string> => (await idp(...given)).failed;
  expect(await says([...args, '--phase', 'link', '--out', at('one.out')])).toContain(
    'another provider, issuer or phase',
  );
  exportOf('one.ndjson', 3);
  expect(await says(args)).toContain('The input is shorter');
  exportOf('shared.ndjson', 30);
  const shared = migrate('shared.ndjson', '--journal', at('shared.journal'));
  onTheWay = [
    async (go) => {
      appendFileSync(at('shared.journal'), '{"n":0}\n');
      return go();
    },
  ];
  expect(await says(shared, { url: proxied })).toContain('Somebody else writes to the journal');
  exportOf('other', 4);
  expect(await says(migrate('other', '--layout', 'ndjson', '--journal', at('one.journal')))).toContain(
    'The input is not the one',
  );
  const fresh = (await vault.send('POST', '/ctl/iam/user/regen', { json: { name: 'importer' } })).body;
  keys = { ...keys, importer: fresh.api_key as string };
  expect(await says(args)).toContain('begun with another API key');
  writeFileSync(at('no.journal'), 'nothing\n');
  expect(await says(migrate('one.ndjson', '--journal', at('no.journal')))).toContain('is no journal');
  expect(
    await says(
      migrate('one.ndjson', '--journal', at('new.journal'), '--phase', 'scrub', '--out', at('one.ndjson')),
    ),
  ).toContain('has something in it already');
  expect(linesIn('one.ndjson')).toHaveLength(2);
});

test('a vault that is away for a moment is asked again; one user that it cannot read keeps no other', async () => {
  exportOf('bumpy.ndjson', 5, [{ user_id: 'auth0|torn \ud800', app_metadata: { ssn: '123-12-1234' } }]);
  onTheWay = [busy(503), busy(429)];
  const run = await idp(migrate('bumpy.ndjson', '--journal', at('bumpy.journal')), { url: proxied });
  const { outcomes, failures } = JSON.parse(run.stdout) as Record<string, Record<string, number>>;
  expect([outcomes, Object.values(failures!)]).toEqual([{ created: 5, failed: 1 }, [1]]);
  expect(run.stderr).toContain('The vault did not take the users (status 503); trying again.');
  expect(linesIn('bumpy.journal').filter(({ state }) => state === 'failed')).toHaveLength(1);
});

test('verification finds what is left in a later export, and nothing once it is gone', async () => {
  exportOf('before.ndjson', 3);
  await idp(
    migrate('before.ndjson', '--journal', at('before.journal'), '--phase', 'link', '--out', at('before.out')),
  );
  const [first, ...rest] = linesIn('before.out') as { body: { app_metadata: object } }[];
  expect(first!.body.app_metadata).toEqual({ pii_object_id: expect.any(String) });
  const users = [first!, ...rest].map(({ body }, i) => ({
    user_id: `auth0|before.ndjson ${i}`,
    app_metadata: { ...body.app_metadata, ...(i === 1 && { ssn: ssnOf(1) }), theme: 'dark' },
  }));
  const write = (from: readonly object[]): void =>
    writeFileSync(at('after.ndjson'), from.map((user) => JSON.stringify(user)).join('\n'));
  write(users);
  const left = await idp(migrate('after.ndjson', '--phase', 'verify'));
  expect(left.failed).toContain('still has what the vault has');
  expect(JSON.parse(left.stdout)).toMatchObject({ not_linked: 0, to_remove: { 'app_metadata.ssn': 1 } });
  write([users[0]!, users[2]!]);
  expect((await idp(migrate('after.ndjson', '--phase', 'verify'))).failed).toBe('');
});

test('the vault itself removes at the provider what it has, of those who are there', async () => {
  for (const i of [0, 1])
    auth0.users.set(`auth0|live.ndjson ${i}`, {
      user_id: `auth0|live.ndjson ${i}`,
      app_metadata: { ssn: ssnOf(i), theme: 'dark' },
    });
  exportOf('live.ndjson', 3);
  const args = migrate('live.ndjson', '--phase', 'scrub', '--write-back', '--journal', at('live.journal'));
  const refusal = await idp(args);
  expect(refusal.failed).toContain('404 PV9111');
  await setIam(vault, iam(`map = { "app_metadata.national_id" = "user_id" }\nwrite_back = "${auth0.base}"`));
  const path = '/api/coatcheck/1.0/idp/hooks/shop/credential';
  expect((await vault.send('POST', path, { json: CREDENTIAL })).status).toBe(200);
  const run = await idp(args);
  expect([run.failed, JSON.parse(run.stdout)]).toEqual(['', expect.objectContaining({ queued: 3 })]);
  await until('nothing waits', async () => (await vault.app.vault.writeBack.counts()).queued === 0);
  const left = [...auth0.users.values()].map(({ app_metadata }) => app_metadata);
  expect(left).toEqual([0, 1].map(() => ({ theme: 'dark', pii_object_id: expect.any(String) })));
});

describe('going back on a scrub', () => {
  const NAME = 'back.ndjson';
  const journal = 'back.scrub';
  const usersThere = (): unknown[] =>
    [...auth0.users.values()].map(({ app_metadata }) => app_metadata as Record<string, unknown>);
  const settled = (): Promise<void> =>
    until('nothing waits', async () => (await vault.app.vault.writeBack.counts()).queued === 0);
  let restorer: string;
  const keyFile = (): string => at('importer.key');
  const back = (...more: string[]): string[] =>
    migrate(NAME, '--rollback', at(journal), '--scrub-key-file', keyFile(), '--page-size', '5', ...more);

  /** With a key of its own for going back, and (`keep`) a hook that lets everything stay. */
  const configured = (keep = ''): string =>
    iam(
      `map = { "app_metadata.national_id" = "user_id" }\nwrite_back = "${auth0.base}"\n${keep}
[users.restorer]
role = "restorer"
[roles.restorer]
capabilities = ["CapIdpRestore"]
policies = ["read"]`,
    ).replace('users = ["hook"', 'users = ["restorer", "hook"');
  const KEEP = 'keep = ["app_metadata.ssn", "app_metadata.national_id"]';

  beforeAll(async () => {
    await setIam(vault, configured());
    restorer = await keyOf(vault, 'restorer');
    writeFileSync(keyFile(), `${keys.importer}\n`);
    const path = '/api/coatcheck/1.0/idp/hooks/shop/credential';
    expect((await vault.send('POST', path, { json: CREDENTIAL })).status).toBe(200);
    auth0.users.clear();
    exportOf(NAME, 22);
    for (const user of readFileSync(at(NAME), 'utf8')
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>))
      auth0.users.set(user.user_id as string, structuredClone(user));
    const scrub = migrate(NAME, '--phase', 'scrub', '--write-back', '--journal', at(journal));
    expect((await idp(scrub)).failed).toBe('');
    await settled();
    expect(usersThere()).toEqual(
      Array.from({ length: 22 }, () => ({ theme: 'dark', pii_object_id: expect.any(String) })),
    );
    // An export of today, in which nothing is any more.
    writeFileSync(at(NAME), [...auth0.users.values()].map((user) => JSON.stringify(user)).join('\n'));
  });

  test('a dry run says what would be, and that the hook would remove it again', async () => {
    const { failed, stdout } = await idp(back('--dry-run'), { key: restorer });
    expect(JSON.parse(stdout)).toEqual({
      users: 22,
      outcomes: { nothing: 22 },
      places: {},
      left: { 'not_kept app_metadata.national_id': 22, 'not_kept app_metadata.ssn': 22 },
      failures: {},
    });
    expect(failed).toBe('Of 22 users not everything can be put back; the report says why.');
    expect((await idp(back('--phase', 'verify'), { key: restorer })).failed).toBe(
      '22 users have not everything back; the report says where.',
    );
  });

  test('killed in the middle, the same command goes on: all is back where it was but what changed since, and who was erased', async () => {
    await setIam(vault, configured(KEEP));
    const erased = { tenant: { id: 'acme' }, user: { user_id: `auth0|${NAME} 3` } };
    expect((await vault.send('POST', DELETED, { json: erased, key: keys.eraser })).status).toBe(200);
    const newer = auth0.users.get(`auth0|${NAME} 4`)!.app_metadata as Record<string, unknown>;
    newer.ssn = '999-99-9999';

    const args = back('--journal', at('back.journal'));
    const env = { COATCHECK_URL: proxied, COATCHECK_API_KEY: restorer };
    const child = new Coatcheck(['idp', ...args], env);
    onTheWay = [
      (go) => go(),
      (go) => go(),
      async (go) => {
        await go();
        child.child.kill('SIGKILL');
        return { status: 500 };
      },
    ];
    await child.exit();
    expect(child.child.signalCode).toBe('SIGKILL');
    onTheWay = [];
    const done = linesIn('back.journal').filter(({ n }) => n !== undefined).length;
    expect([done < 22, done % 5]).toEqual([true, 0]);

    const { failed, stdout, stderr } = await idp(args, { key: restorer });
    expect([failed, stderr]).toEqual(['', expect.stringContaining('idp_write_back_jobs')]);
    expect(JSON.parse(stdout).users).toBe(22 - done);
    await settled();
    expect(usersThere()).toEqual(
      Array.from({ length: 22 }, (_, i) => ({
        ...{ theme: 'dark', pii_object_id: expect.any(String) },
        ...(i !== 3 && { ssn: i === 4 ? '999-99-9999' : ssnOf(i), national_id: `${NAME}-${i}` }),
      })),
    );
    const states = linesIn('back.journal').flatMap(({ state }) => (state === undefined ? [] : [state]));
    expect(states).toEqual(Array.from({ length: 22 }, (_, i) => (i === 3 ? 'erased' : 'held')));
    for (const name of ['back.journal', journal])
      expect(readFileSync(at(name), 'utf8')).not.toMatch(/auth0\||back\.ndjson|123-12/);

    const after = [...auth0.users.values()].filter(({ user_id }) => user_id !== erased.user.user_id);
    writeFileSync(at(NAME), after.map((user) => JSON.stringify(user)).join('\n'));
    const checked = await idp(back('--phase', 'verify'), { key: restorer });
    expect([checked.failed, JSON.parse(checked.stdout).outcomes]).toEqual(['', { back: 21 }]);
  });

  test('whom the journal does not name is gone back on by the export from before', async () => {
    await setIam(vault, configured());
    const [user] = [{ user_id: 'auth0|late', app_metadata: { ssn: '123-12-1234', theme: 'dark' } }];
    writeFileSync(at('late.ndjson'), JSON.stringify(user));
    expect((await idp(migrate('late.ndjson', '--journal', at('late.journal')))).failed).toBe('');
    auth0.users.set('auth0|late', { user_id: 'auth0|late', app_metadata: { theme: 'dark' } });
    await setIam(vault, configured(KEEP));
    const args = migrate('late.ndjson', '--rollback', at(journal), '--scrub-key-file', keyFile());
    expect((await idp([...args, '--journal', at('late.back')], { key: restorer })).failed).toBe('');
    await settled();
    expect(auth0.users.get('auth0|late')!.app_metadata).toEqual({ theme: 'dark', ssn: '123-12-1234' });
  });

  test.each<[string, string[], string]>([
    ['another journal', ['--rollback', 'back.journal', '--dry-run'], 'not the journal of a scrub'],
    ['no journal', ['--rollback', NAME, '--dry-run'], 'is no journal'],
    ['nothing', ['--rollback', 'nowhere', '--dry-run'], 'ENOENT'],
    ['no journal of its own', ['--rollback', journal], '--journal is missing'],
    ['a phase', ['--rollback', journal, '--phase', 'link'], 'a phase of its own'],
    ['a file of requests', ['--rollback', journal, '--dry-run', '--out', 'x'], 'neither --out'],
  ])('%s is refused', async (_, [option, name, ...more], says) => {
    expect((await idp(migrate(NAME, option!, at(name!), ...more), { key: keys.importer })).failed).toContain(
      says,
    );
  });

  test('a key that imports may not, another key must be said, and a provider without a way back is named', async () => {
    const dry = migrate(NAME, '--rollback', at(journal), '--dry-run');
    expect((await idp(dry)).failed).toBe("The role of the key's user must hold CapIdpRestore.");
    expect((await idp(dry, { key: restorer })).failed).toContain('--scrub-key-file must say which');
    const cognito = dry.map((word) => (word === 'auth0' ? 'cognito' : word));
    expect((await idp(cognito, { key: restorer })).failed).toContain('no way to change users at cognito');
    const plain = migrate(NAME, '--dry-run', '--scrub-key-file', 'x');
    expect((await idp(plain)).failed).toContain('--scrub-key-file is for --rollback');
  });
});

test('who was erased is left alone, and is to be removed at the provider', async () => {
  exportOf('gone.ndjson', 1);
  await idp(migrate('gone.ndjson', '--journal', at('gone.journal')));
  const json = { tenant: { id: 'acme' }, user: { user_id: 'auth0|gone.ndjson 0' } };
  await vault.send('POST', DELETED, { json, key: keys.eraser });
  const run = await idp(migrate('gone.ndjson', '--journal', at('gone2.journal')));
  expect(JSON.parse(run.stdout)).toMatchObject({ outcomes: { left: 1 }, warnings: { erased: 1 } });
});

test.each([
  [['--journal', 'x', '--dry-run'], 'take neither --journal nor --out'],
  [[], '--journal is missing'],
  [['--journal', 'x', '--phase', 'scrub'], '--out is for the phases link and scrub'],
  [['--journal', 'x', '--write-back'], '--write-back is for the phase scrub'],
  [['--dry-run', '--write-back'], 'nor --write-back'],
  [['--journal', 'x', '--phase', 'scrub', '--write-back', '--out', 'y'], 'or --write-back'],
  [['--journal', 'x', '--map', 'y'], '--map is for --from custom'],
  [['--dry-run', '--url', 'http://vault.example'], 'must be https'],
  [['--dry-run', '--url', 'nonsense'], 'is no URL'],
  [['--dry-run', '--key-file', '/nowhere'], 'Cannot read /nowhere'],
  [['--dry-run', '--issuer', 'nobody'], '403 PV9088'],
])('%j is refused', async (more, says) => {
  exportOf('refused.ndjson', 1);
  expect((await idp(migrate('refused.ndjson', ...more))).failed).toContain(says);
});

test('a key that may not import is told so before anything is read', async () => {
  const run = await idp(migrate('nowhere.ndjson', '--dry-run'), { key: keys.hook });
  expect(run.failed).toBe("The role of the key's user must hold CapIdpImport.");
});

test.each([
  [
    'cognito',
    'pool.json',
    { Users: [{ Username: 'ada', Attributes: [{ Name: 'custom:ssn', Value: '123-12-1234' }] }] },
    'userAttributes.custom:ssn -> ssn',
  ],
  [
    'keycloak',
    'shop-users-0.json',
    { realm: 'shop', users: [{ id: 'k', attributes: { phoneNumber: ['+1 202 555 0187'] } }] },
    'attributes.phoneNumber -> phone',
  ],
  [
    'logto',
    'page.json',
    [{ id: 'l', profile: { birthdate: '1815-12-10' } }],
    'profile.birthdate -> birth_date',
  ],
  [
    'scim',
    'users.json',
    { Resources: [{ id: 's', emails: [{ value: 'ada@example.com', primary: true }] }] },
    'claims.email -> email',
  ],
  ['ldif', 'people.ldif', 'dn: uid=ada\nentryUUID: e\nmail: ada@example.com\n', 'claims.email -> email'],
  ['oidc', 'users.csv', 'sub,ssn\n7,123-12-1234\n', 'claims.ssn -> ssn'],
])('users of %s go where the hook of their provider says', async (from, name, content, field) => {
  const hooks = ['cognito', 'keycloak', 'logto', 'oidc'].map(
    (each) => `[idp_hooks.${each}]\nprovider = "${each}"\nissuer = "acme"\nusers = ["importer"]\n`,
  );
  await setIam(vault, iam() + hooks.join(''));
  writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content, null, 1));
  const args = ['migrate', '--from', from, '--issuer', 'acme', '--in', at(name), '--json'];
  const { failed, stdout } = await idp([...args, '--journal', at(`${from}.journal`)]);
  expect([failed, JSON.parse(stdout)]).toMatchObject([
    '',
    { outcomes: { created: 1 }, fields: { [field]: 1 } },
  ]);
});

test('scan says where an export holds personal data, wherever in it, and never what', async () => {
  const user = {
    ...{ user_id: 'auth0|1', email: 'canary@canary.example', email_verified: true, created_at: '2026-01-01' },
    app_metadata: {
      pii_object_id: '0b9f7a52-0000-4000-8000-000000000000',
      theme: 'dark',
      plan: ['123-12-1234'],
    },
    identities: [{ connection: 'google', profileData: { given_name: 'Canary' } }],
    'canary@canary.example': { nested: '+12025550187' },
    Attributes: [
      { Name: 'custom:ssn', Value: '123121234' },
      { Name: 'email_verified', Value: 'true' },
    ],
  };
  writeFileSync(at('scan.ndjson'), `${JSON.stringify(user)}\n${JSON.stringify({ user_id: 'auth0|2' })}\n`);
  const { failed, stdout } = await idp(['scan', '--json', '--in', at('scan.ndjson')]);
  expect(JSON.parse(stdout)).toEqual({
    ...{ users: 2, unreadable: 0 },
    found: {
      '*.nested': 1,
      'Attributes.custom:ssn': 1,
      'app_metadata.plan[]': 1,
      email: 1,
      'identities[].profileData.given_name': 1,
    },
  });
  expect([failed, stdout.includes('anary')]).toEqual([
    'The export holds what looks like personal data.',
    false,
  ]);
  const places = Object.keys((JSON.parse(stdout) as { found: object }).found);
  const allowed = await idp(['scan', '--in', at('scan.ndjson'), '--allow', ...places]);
  expect(allowed).toEqual({ failed: '', stdout: '2 users\n', stderr: '' });
});
