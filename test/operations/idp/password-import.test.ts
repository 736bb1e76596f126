import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { passwordImport } from '../../idp/okta-events.js';
import { keyOf, setIam } from '../../support/iam.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { addCollection, refusal, refused } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { entriesOf } from './support.js';

/** Okta asks the vault whether a password is right, and the vault asks a legacy service: a real one, on loopback. */
const CALL = '/api/coatcheck/1.0/idp/okta/password';
const SECRET = 'canary-secret-of-the-service';
const RIGHT = 'canary: correct horse, ü ☃ "battery"';
const VERIFIED = { commands: [{ type: 'com.okta.action.update', value: { credential: 'VERIFIED' } }] };
const UNVERIFIED = { commands: [{ type: 'com.okta.action.update', value: { credential: 'UNVERIFIED' } }] };

let service: Receiver;
let elsewhere: Receiver;
let vault: TestVault;
let key: string;
let eraser: string;
let guided = '';

const json = (response: ServerResponse, status: number, body: unknown): unknown =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
/** What is at each path of the service. */
const AT: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  '/redirect': (response) => response.writeHead(307, { location: `${elsewhere.base}/stolen` }).end(),
  '/html': (response) => response.writeHead(200).end('<p>{"verified": true}</p>'),
  '/empty': (response) => response.writeHead(200).end(),
  '/word': (response) => json(response, 200, { verified: 'true' }),
  '/list': (response) => json(response, 200, [{ verified: true }]),
  '/profile': (response) => json(response, 200, { user_id: '17', email: 'canary@example.com' }),
  '/created': (response) => json(response, 201, { verified: true }),
  '/refused': (response) => json(response, 401, { verified: true }),
  '/large': (response) => json(response, 200, { verified: true, note: 'x'.repeat(20_000) }),
  '/broken': (response) => response.socket!.destroy(),
  '/away': (response) => json(response, 503, {}),
  '/error': (response) => json(response, 500, {}),
  '/slow': () => undefined,
  '/guided': (response) => response.writeHead(200).end(guided),
};

const iam = (url: string): string => `[users]
hook = { role = "login" }
eraser = { role = "erase" }
[roles.login]
capabilities = ["CapIdpHook", "CapIdpImport"]
policies = []
[roles.erase]
capabilities = ["CapIdpLifecycle"]
policies = []
[policies]
[idp_hooks.org]
provider = "okta"
issuer = "https://acme.okta.com"
users = ["hook", "eraser"]
${url === '' ? '' : `check_passwords_at = "${url}"`}
`;

beforeAll(async () => {
  elsewhere = await startReceiver();
  service = await startReceiver(({ url, headers, body }, response) => {
    if (url !== '/verify') return void AT[url]!(response);
    if (headers.authorization !== `Bearer ${SECRET}`) return void json(response, 401, {});
    const { login, password } = JSON.parse(body) as { login: string; password: string };
    json(response, 200, { verified: login.toLowerCase().startsWith('ada') && password === RIGHT });
  });
  const allowed = `${service.base},http://127.0.0.1:9`;
  vault = await startVault({ COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: allowed });
  await addCollection(vault, 'users PERSONS ( email EMAIL NULL )');
  await setIam(vault, iam(`${service.base}/verify`));
  key = await keyOf(vault, 'hook');
  eraser = await keyOf(vault, 'eraser');
});
afterAll(async () => {
  await vault.close();
  await service.close();
  await elsewhere.close();
});

const PLACE = '/api/coatcheck/1.0/idp/hooks/org/password-secret';
const setSecret = (): Promise<Answer> => vault.send('POST', PLACE, { json: { secret: SECRET } });
const ask = (username: string, password: unknown = RIGHT, more = {}, caller = key): Promise<Answer> =>
  vault.send('POST', CALL, { json: passwordImport({ username, password }, more), key: caller });
const lastEntries = async (count: number): Promise<Record<string, unknown>[]> =>
  (await entriesOf(vault)).slice(-count);
/** The same service at another path, with its secret. */
async function moveTo(url: string): Promise<void> {
  await setIam(vault, iam(url));
  expect((await setSecret()).status).toBe(200);
}

test('without a secret for the service no password is right, and the operator is told', async () => {
  expect((await ask('ada@example.com')).body).toEqual(UNVERIFIED);
  expect(await lastEntries(1)).toMatchObject([{ outcome: 'failed', error_code: 'PV9119' }]);
  expect(vault.logged()).toContain('the hook has no secret for it');
  expect(service.received).toEqual([]);
  await setSecret();
});

describe('a password', () => {
  test('that is right is verified: the service gets login, password and secret, and the log neither', async () => {
    service.received.length = 0;
    const answer = await ask('ada@example.com');
    expect([answer.status, answer.body]).toEqual([200, VERIFIED]);
    expect(service.received).toMatchObject([{ method: 'POST', url: '/verify' }]);
    expect(JSON.parse(service.received[0]!.body)).toEqual({ login: 'ada@example.com', password: RIGHT });
    const [asked, said] = await lastEntries(2);
    expect(asked).toMatchObject({ user: 'hook', outcome: 'allowed', rule: `sent-to:${service.base}` });
    expect(said).toMatchObject({ outcome: 'allowed', rule: 'verified', objects: asked!.objects });
    expect(asked!.objects).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  });

  test('that is wrong is not, and an unknown user is answered the same', async () => {
    const [wrong, unknown] = [await ask('ada@example.com', 'canary: wrong'), await ask('nobody@example.com')];
    expect([wrong.status, wrong.text]).toEqual([unknown.status, unknown.text]);
    expect(wrong.body).toEqual(UNVERIFIED);
    expect(
      (await lastEntries(3)).map(({ rule }) => rule).filter((rule) => rule === 'unverified'),
    ).toHaveLength(2);
  });

  test('the login is the same whatever its case, and another for another login', async () => {
    const ids: unknown[] = [];
    for (const login of ['Ada-2@example.com', 'ada-2@EXAMPLE.com', 'ada-3@example.com']) {
      await ask(login);
      ids.push((await lastEntries(1))[0]!.objects);
    }
    expect(ids[0]).toEqual(ids[1]);
    expect(ids[2]).not.toEqual(ids[0]);
  });

  test('after ten wrong ones even the right one is not tried, also where they come at once; others are', async () => {
    service.received.length = 0;
    const guesses = await Promise.all(Array.from({ length: 14 }, (_, i) => ask('ada-4', `canary: ${i}`)));
    expect(guesses.map(({ body }) => body)).toEqual(guesses.map(() => UNVERIFIED));
    expect((await ask(' ADA\u200b-4')).body).toEqual(UNVERIFIED);
    expect(service.received).toHaveLength(10);
    expect(await lastEntries(1)).toMatchObject([
      { outcome: 'denied', error_code: 'PV9016', rule: 'too-many-guesses' },
    ]);
    expect((await ask('ada-5')).body).toEqual(VERIFIED);
  });

  test('that is right starts the count anew', async () => {
    for (let nth = 0; nth < 2; nth++) {
      for (let guess = 0; guess < 6; guess++) await ask('ada-6', 'canary: wrong');
      expect((await ask('ada-6')).body).toEqual(VERIFIED);
    }
  });
});

test.each<[string, unknown, string]>([
  ['no password', null, '400 PV9087'],
  ['an empty one', '', '400 PV9087'],
  ['one that is no text', { canary: 1 }, '400 PV9087'],
  ['a very long one', 'canary'.repeat(200), '400 PV9087'],
])('%s is refused, and nobody is asked', async (_, password, expected) => {
  service.received.length = 0;
  const answer = await ask('ada@example.com', password);
  expect(refused(answer)).toBe(expected);
  expect(refusal(answer)[2]).toMatchObject({ field: 'data.context.credential.password' });
  expect([answer.text.includes('canary'), service.received]).toEqual([false, []]);
});

test.each<[string, () => Promise<Answer>, string]>([
  ['a wrong key', () => ask('ada', RIGHT, {}, 'wrong'), '401 PV1005'],
  ['the key of deletions', () => ask('ada', RIGHT, {}, eraser), '403 PV1007'],
  ['another org', () => ask('ada', RIGHT, { source: 'https://evil.okta.com/api/v1/x' }), '403 PV9088'],
  ['one from long ago', () => ask('ada', RIGHT, { eventTime: '2020-01-01T00:00:00Z' }), '400 PV9101'],
  ['another event', () => ask('ada', RIGHT, { eventType: 'com.okta.import.transform' }), '400 PV9087'],
  ['no login', () => ask(''), '400 PV9087'],
  ['a login with a line break', () => ask('ada\r\nlevel=error'), '400 PV9087'],
])('%s is refused, and nobody is asked', async (_, call, expected) => {
  service.received.length = 0;
  expect([refused(await call()), service.received]).toEqual([expected, []]);
});

test('in an import it is no login, and nobody is asked', async () => {
  service.received.length = 0;
  const users = [passwordImport({ username: 'ada', password: RIGHT })];
  const answer = await vault.send('POST', `${CALL}/import`, { json: users, key });
  expect(answer.body.results).toMatchObject([{ outcome: 'failed', error: { error_code: 'PV9087' } }]);
  expect([answer.text.includes('canary'), service.received]).toEqual([false, []]);
});

describe('whatever is not a clear yes is a no', () => {
  test.each([
    ['/redirect', 'it answered 307'],
    ['/html', 'does not say'],
    ['/empty', 'does not say'],
    ['/word', 'does not say'],
    ['/list', 'does not say'],
    ['/profile', 'does not say'],
    ['/created', 'it answered 201'],
    ['/refused', 'it answered 401'],
    ['/large', 'no usable answer'],
    ['/broken', 'no usable answer'],
  ])('%s: the operator is told "%s"', async (path, problem) => {
    await moveTo(`${service.base}${path}`);
    service.received.length = 0;
    const before = vault.logged().length;
    const answer = await ask('ada@example.com');
    expect([answer.status, answer.body]).toEqual([200, UNVERIFIED]);
    expect(service.received).toHaveLength(1);
    expect(elsewhere.received).toEqual([]);
    expect(vault.logged().slice(before)).toContain(problem);
    const [asked, failed] = await lastEntries(2);
    expect([asked!.rule, failed!.outcome, failed!.error_code]).toEqual([
      `sent-to:${service.base}`,
      'failed',
      'PV9119',
    ]);
  });

  test('a slow service: Okta is answered before it stops waiting', async () => {
    await moveTo(`${service.base}/slow`);
    const started = performance.now();
    expect((await ask('ada@example.com')).body).toEqual(UNVERIFIED);
    expect(performance.now() - started).toBeLessThan(3_000);
    // On a machine that is slow itself it is the vault's own time that is over first.
    const failed = (await lastEntries(2)).map(({ error_code }) => error_code);
    expect(failed.some((code) => code === 'PV9119' || code === 'PV9100')).toBe(true);
  });

  test('a service that is down, or says so, is left alone after five; one that fails for one login is not', async () => {
    await moveTo('http://127.0.0.1:9/verify');
    expect((await ask('ada')).body).toEqual(UNVERIFIED);
    for (const [path, asked] of [
      ['/away', 5],
      ['/error', 7],
    ] as const) {
      await moveTo(`${service.base}${path}`);
      service.received.length = 0;
      for (let nth = 0; nth < 7; nth++) expect((await ask(`ada-${nth}`)).body).toEqual(UNVERIFIED);
      expect(service.received).toHaveLength(asked);
    }
    expect(vault.logged()).toContain('is left alone');
  });

  test('an address that is not allowed gets neither secret nor password', async () => {
    await setIam(vault, iam(`${elsewhere.base}/verify`));
    expect((await ask('ada')).body).toEqual(UNVERIFIED);
    expect(vault.logged()).toContain('not in service.allowed_http_destinations');
    expect(elsewhere.received).toEqual([]);
  });

  test('an address that was changed starts without the secret', async () => {
    await moveTo(`${service.base}/verify`);
    await setIam(vault, iam(`${service.base}/html`));
    service.received.length = 0;
    expect([(await ask('ada')).body, service.received]).toEqual([UNVERIFIED, []]);
  });

  test('a hook that names no service', async () => {
    await setIam(vault, iam(''));
    expect((await ask('ada')).body).toEqual(UNVERIFIED);
  });
});

test('okta.md: the question of the guide gets the answer of the guide, over a service that does as it says', async () => {
  const guide = readFileSync(path.resolve(import.meta.dirname, '../../../docs/idp/okta.md'), 'utf8');
  const part = guide.slice(guide.indexOf('## Passwords of your own database'));
  const [question, yes, , event, answer] = [...part.matchAll(/```json\n([\s\S]*?)```/g)].map(
    ([, text]) => text!,
  );
  guided = yes!;
  await moveTo(`${service.base}/guided`);
  const [, place] = /\$VAULT(\S+)"/.exec(part)!;
  expect(place!.replace('okta/', 'org/')).toBe(PLACE);
  service.received.length = 0;
  const raw = event!.replace(/"eventTime": "[^"]+"/, `"eventTime": "${new Date().toISOString()}"`);
  const [, called] = /`https:\/\/…(\S+\/password)`/.exec(part)!;
  const answered = await vault.send('POST', called!, { raw, type: 'application/json', key });
  expect(answered.body).toEqual(JSON.parse(answer!));
  expect(JSON.parse(service.received[0]!.body)).toEqual(JSON.parse(question!));
});

test('no password, login or secret is in a log line, an entry or a metric', async () => {
  const metrics = await (await fetch(`${vault.url}/metrics`)).text();
  expect(metrics).toMatch(
    /failures_answered_as_success_total\{operation="receiveIdpEvent",code="PV9119"\} \d/,
  );
  const all = [vault.logged(), metrics, JSON.stringify(await entriesOf(vault))].join();
  for (const word of ['canary', 'example.com', 'ada-4', encodeURIComponent(RIGHT), btoa('canary')])
    expect(all.includes(word)).toBe(false);
});
