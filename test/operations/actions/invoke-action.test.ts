import { LIMITS } from '../../../src/bundles/limits.js';
import type { ServerResponse } from 'node:http';
import { addAction, addBundle } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { encryptFields } from '../crypto/support.js';
import { NOWHERE, addCollection, addObject, refused, tokenize } from '../../support/steps.js';
import { until } from '../../support/until.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

/** `run` evaluates what it is sent, so that each test shows what it tries; no operator would add it. */
const CODE = `
exports.run = { type: 'action', handler: (given) => (0, eval)('(' + given.body.source + ')')(given) };
exports.echo = { type: 'action', handler: ({ vault, ...given }) => given };
`;

/** Answers that wait until a test ends them. */
const held: ServerResponse[] = [];

let vault: TestVault;
let receiver: Receiver;
let pci: Receiver;
let keys: Record<string, string>;
let id: string;
beforeAll(async () => {
  receiver = await startReceiver((received, response) => {
    if (received.url === '/hold') return void held.push(response);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ echo: received.body, url: received.url }));
  });
  pci = await startReceiver();
  vault = await startVault({
    COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: receiver.base,
    COATCHECK_SERVICE_ALLOWED_PCI_HTTP_DESTINATIONS: pci.base,
  });
  await addCollection(vault, 'users PERSONS ( name NAME NULL, ssn SSN NULL, card CC_NUMBER NULL )');
  id = await addObject(vault, { name: 'Ann', ssn: '123-12-1234', card: '4111111111111111' });
  await addBundle(vault, 'actions', CODE);
  keys = await setClients(vault, [
    {
      name: 'app',
      capabilities: ['CapActionInvoker'],
      allow: [{ operations: ['invoke'], resources: ['actions/*'] }],
      deny: [{ operations: ['invoke'], resources: ['actions/other'] }],
    },
    {
      name: 'acting',
      capabilities: ['CapObjectsReader', 'CapTokensDetokenizer', 'CapCryptoDecrypter'],
      allow: [
        {
          operations: ['read', 'detokenize', 'decrypt'],
          resources: [
            'users/properties/id',
            'users/properties/name',
            'users/properties/ssn.mask',
            'users/properties/card*',
          ],
        },
      ],
      masks: { 'users/ssn': 'mask' },
    },
    {
      name: 'unlucky',
      capabilities: ['CapCryptoDecrypter'],
      allow: [{ operations: ['decrypt'], resources: ['users/properties/name'] }],
    },
  ]);
  for (const [name, role] of [
    ['run', 'acting'],
    ['other', 'acting'],
    ['powerless', 'app'],
    ['unlucky', 'unlucky'],
  ]) {
    await addAction(vault, { name, function: 'actions.run', role });
  }
  await addAction(vault, { name: 'echo', function: 'actions.echo', role: 'acting' });
});
afterAll(async () => {
  await vault.close();
  await receiver.close();
  await pci.close();
});

const invoke = (
  name: string,
  json: unknown,
  { query = '', ...sent }: Sent & { query?: string } = {},
): Promise<Answer> => vault.send('POST', `/data/actions/${name}${query}`, { json, key: keys.app!, ...sent });
/** Runs the source of a function that gets what an action gets; `more` is beside it in the body. */
const run = (source: string, more: object = {}, name = 'run'): Promise<Answer> =>
  invoke(name, { source, ...more });
const entries = async (query: string): Promise<Record<string, unknown>[]> =>
  (await vault.send('GET', `/api/coatcheck/1.0/audit/entries?${query}`)).body.entries;

describe('200', () => {
  test('a function gets who called, its role, the reason and the body, and answers any JSON', async () => {
    expect((await invoke('echo', { any: ['JSON', null] }, { query: '?reason=Marketing' })).body).toEqual({
      user: 'app',
      role: 'acting',
      reason: 'Marketing',
      body: { any: ['JSON', null] },
    });
    for (const body of ['text', 1, false, [], null])
      expect((await invoke('echo', body)).body).toMatchObject({ body });
    expect((await run('async () => { await null; return [1]; }')).body).toEqual([1]);
    expect((await run('() => undefined')).body).toBeNull();
  });

  test('it reads values in its own role, by their global identifiers, and each reading is recorded before it', async () => {
    const token = await tokenize(vault, { object: { id }, props: ['name', 'ssn'] });
    const ids = {
      whole: `pvlt:read_object:users:id,name:${id}:`,
      name: `pvlt:read_object:users:name:${id}:`,
      ssn: `pvlt:read_object:users:ssn:${id}:`,
      mask: `pvlt:read_object:users:ssn.mask:${id}:`,
      token: `pvlt:detokenize:users::${token}:`,
    };
    const headers = { 'x-pvault-request-id': 'one-action' };
    const answer = await invoke(
      'run',
      { source: '({ vault, body }) => vault.deref(body.ids)', ids },
      { headers },
    );
    expect(answer.body).toEqual({
      whole: { id, name: 'Ann' },
      name: 'Ann',
      ssn: '***-**-1234',
      mask: '***-**-1234',
      token: { name: 'Ann', ssn: '***-**-1234' },
    });
    const read = await entries('user=app&operation=getObjectById');
    const found = read.filter((entry) => entry.caller_request_id === 'one-action');
    expect(found).toHaveLength(4);
    for (const entry of found) expect(entry).toMatchObject({ user: 'app', role: 'acting', objects: [id] });
    const [invoked] = await entries('user=app&operation=invokeAction');
    expect(invoked).toBeDefined();
  });

  test('it sends to what is allowed, after the log says where to', async () => {
    const source = `async ({ body }) => {
      const answer = await fetch(body.base + '/path?q=1', { method: 'post', headers: { 'X-A': 'b' }, body: 'sent' });
      return { ok: answer.ok, status: answer.status, json: await answer.json(), text: (await answer.text()).length };
    }`;
    const { body } = await run(source, { base: receiver.base });
    expect(body).toMatchObject({ ok: true, status: 200, json: { echo: 'sent', url: '/path?q=1' } });
    expect(receiver.received.at(-1)).toMatchObject({ method: 'POST', body: 'sent' });
    const sent = (await entries('operation=invokeAction&limit=1000')).map(({ rule }) => rule);
    expect(sent).toContain(`sent-to:${receiver.base}`);
  });

  test('what it writes to the console goes nowhere', async () => {
    await run('() => { console.log("quetzal"); console.error("quetzal"); }');
    expect(vault.logged()).not.toContain('quetzal');
  });
});

/** What an action sees of a refusal: the code and nothing else. */
const caught = async (expression: string, more: object = {}, name?: string): Promise<unknown> =>
  (
    await run(
      `async ({ vault, body }) => { try { return await ${expression}; } catch (e) { return e.message; } }`,
      more,
      name,
    )
  ).body;

describe('an action is refused, by a code it can catch,', () => {
  test.each([
    ['ssn', 'PV1006', 'powerless'],
    ['ssn', '***-**-1234', 'run'],
    ['none', 'PV3004', 'run'],
  ])(
    'a reading that its role may not do or that makes no sense: %s is %s for %s',
    async (prop, expected, name) => {
      const wanted = { id: `pvlt:read_object:users:${prop}:${id}:` };
      const result = await caught('vault.deref({ v: body.id }).then(({ v }) => v)', wanted, name);
      expect(result).toBe(name === 'powerless' ? 'PV1007' : expected);
    },
  );

  test.each([
    ['pvlt:read_object:none:name:x:', 'PV1004'],
    [`pvlt:read_object:users:name:${NOWHERE}:`, 'PV3005'],
    [`pvlt:detokenize:users:name:${NOWHERE}:`, 'PV3087'],
    ['pvlt:read_object:users::x', 'PV9059'],
    ['pvlt:read_object:users:::', 'PV9059'],
    ['pvlt:delete_object:users::x:', 'PV9059'],
    ['other:read_object:users::x:', 'PV9059'],
    ['', 'PV9059'],
    [1, 'PV9059'],
  ])('the global identifier %j: %s', async (wanted, code) =>
    expect(await caught('vault.deref({ v: body.wanted })', { wanted })).toBe(code),
  );

  test.each([
    ['https://example.com/', 'PV9060'],
    ['http://localhost/', 'PV9060'],
    ['file:///etc/passwd', 'PV9060'],
  ])('sending to %s: %s', async (url, code) => expect(await caught('fetch(body.url)', { url })).toBe(code));

  test('what is no argument', async () => {
    for (const call of [
      'vault.deref(1)',
      'vault.deref(null)',
      'fetch("x", { headers: 1 })',
      'vault.crypto.decrypt({})',
    ]) {
      expect(await caught(call)).toBe('PV1012');
    }
  });

  test('more than sixteen questions at a time, or two hundred altogether, PV9007', async () => {
    const source = `async ({ body }) => {
      const ask = () => fetch(body.url).then(() => 'sent', (e) => e.message);
      const together = await Promise.all(Array.from({ length: 20 }, ask));
      let n = 20;
      while (n < 300 && (await ask()) === 'sent') n += 1;
      return [together.filter((each) => each === 'sent').length >= 16, together.includes('PV9007'), n];
    }`;
    expect((await run(source, { url: receiver.base })).body).toEqual([true, true, 200]);
  });

  test('sending elsewhere what may be card data: from the first card on, only destinations for it are left', async () => {
    const source = `async ({ vault, body }) => {
      const before = (await fetch(body.open)).status;
      await vault.deref({ card: body.card });
      const code = await fetch(body.open).then(() => 'sent', (e) => e.message);
      return [before, code, (await fetch(body.pci, { method: 'POST', body: 'card' })).status];
    }`;
    const more = { open: receiver.base, pci: pci.base, card: `pvlt:read_object:users:card:${id}:` };
    expect((await run(source, more)).body).toEqual([200, 'PV9060', 200]);
    expect(pci.received).toHaveLength(1);
  });
});

describe('400: without words of its own, an action that', () => {
  test.each([
    ['throws', '() => { throw new Error("quetzal"); }', 'PV9052'],
    ['rejects', 'async () => { throw new Error("quetzal"); }', 'PV9052'],
    ['waits for nothing', '() => new Promise(() => {})', 'PV9052'],
    ['returns what refers to itself', '() => { const a = {}; return (a.a = a); }', 'PV9052'],
    ['returns a throwing thenable', '() => ({ get then() { throw 1; } })', 'PV9052'],
    ['does not catch a refusal', '({ vault }) => vault.deref({ a: "x" })', 'PV9052'],
    ['fills its memory', '() => { const a = []; for (;;) a.push(new Uint8Array(1e5).fill(1)); }', 'PV9052'],
  ])('%s', async (_, source, code) => {
    const answer = await run(source);
    expect(refused(answer)).toBe(`400 ${code}`);
    expect(answer.text + vault.logged()).not.toContain('quetzal');
  });

  test('takes longer than it may, while others are served', async () => {
    expect(LIMITS.actionMs).toBe(10_000);
    // Ten seconds of a core would be felt by every other test.
    const limits: { actionMs: number } = LIMITS;
    limits.actionMs = 3_000;
    // One that asks nobody, in native code, whether to go on; the others are the sandbox's own tests.
    const stuck = run('() => [].indexOf.call({ length: 2 ** 53 - 1 }, 1)');
    let isStuck = true;
    const ended = stuck.finally(() => (isStuck = false));
    expect((await invoke('echo', 1)).status).toBe(200);
    expect(isStuck).toBe(true);
    expect(refused(await ended)).toBe('400 PV9053');
    limits.actionMs = 10_000;
  });
});

test('403: needs the capability, PV1007, and a policy, PV1006, and the refusal names the action', async () => {
  expect(refused(await invoke('echo', 1, { key: keys.acting! }))).toBe('403 PV1007');
  expect(refused(await invoke('other', 1))).toBe('403 PV1006');
  const [entry] = await entries('outcome=denied&operation=invokeAction');
  expect(entry).toMatchObject({ asked: [{ property: 'actions/other' }], error_code: 'PV1006' });
});

test('404: an unknown action is PV9055', async () =>
  expect(refused(await invoke('none', 1))).toBe('404 PV9055'));

test('405: without JavaScript, PV1003', async () => {
  const off = await startVault({ COATCHECK_FEATURES_DISABLE_JAVASCRIPT: 'true' }, vault.database);
  expect(refused(await off.send('POST', '/data/actions/echo', { json: 1 }))).toBe('405 PV1003');
  await off.close();
});

describe('ciphertexts', () => {
  const decrypting = (expression: string, more: object, name?: string): Promise<unknown> =>
    caught(`vault.crypto.decrypt(${expression})`, more, name);
  const REQUEST =
    '{ collection: "users", requestBody: [{ encryptedObject: { ciphertext: body.c, scope: body.scope }, props: body.props }] }';
  let c: string;
  beforeAll(async () => {
    c = await encryptFields(vault, { name: 'Ann', ssn: '123-12-1234' }, { scope: 's' });
  });

  test('are opened in its role, by global identifier or in a batch, with the masks of that role, and recorded', async () => {
    const id = (props: string, scope = 's'): string => `pvlt:decrypt_object:users:${props}:${c}:${scope}`;
    const headers = { 'x-pvault-request-id': 'action-decrypts' };
    const ids = { one: id('name'), masked: id('ssn'), whole: id(''), mask: id('name,ssn.mask') };
    const answer = await invoke(
      'run',
      { source: '({ vault, body }) => vault.deref(body.ids)', ids },
      { headers },
    );
    expect(answer.body).toEqual({
      one: 'Ann',
      masked: '***-**-1234',
      whole: { name: 'Ann', ssn: '***-**-1234' },
      mask: { name: 'Ann', 'ssn.mask': '***-**-1234' },
    });
    expect(await decrypting(REQUEST, { c, scope: 's', props: ['name'] })).toEqual([
      { fields: { name: 'Ann' } },
    ]);
    const withMetadata = REQUEST.replace('{ coll', '{ options: ["include_metadata"], coll');
    expect(await decrypting(withMetadata, { c, scope: 's', props: ['ssn'] })).toEqual([
      {
        fields: { ssn: '***-**-1234' },
        metadata: { type: 'randomized', scope: 's', expiration: null, tags: [] },
      },
    ]);

    const found = (await entries('user=app&operation=decrypt')).filter(
      (entry) => entry.caller_request_id === 'action-decrypts',
    );
    expect(found).toHaveLength(4);
    for (const entry of found) expect(entry).toMatchObject({ role: 'acting', collection: 'users' });
    expect(found.map(({ outcome }) => outcome).sort()).toEqual(['allowed', 'masked', 'masked', 'masked']);
  });

  test('are refused as they are elsewhere: another scope, a role without the capability, a property not there', async () => {
    const wanted = `pvlt:decrypt_object:users:name:${c}:`;
    expect(await caught('vault.deref({ v: body.wanted })', { wanted })).toBe('PV9047');
    expect(await decrypting(REQUEST, { c, props: ['name'] })).toBe('PV9047');
    expect(await decrypting(REQUEST, { c, scope: 's', props: ['name'] }, 'powerless')).toBe('PV1007');
    expect(await decrypting(REQUEST, { c, scope: 's', props: ['card'] }, 'unlucky')).toBe('PV1006');
    expect(await decrypting(REQUEST, { c, scope: 's', props: ['none'] })).toBe('PV3004');
    expect(await decrypting(REQUEST, { c: 1 })).toBe('PV1012');
  });

  test('of cards close the destinations that are not for cards', async () => {
    const card = await encryptFields(vault, { card: '4111111111111111' });
    const source = `async ({ vault, body }) => {
      await vault.crypto.decrypt({ collection: 'users', requestBody: [{ encryptedObject: { ciphertext: body.card } }] });
      return fetch(body.open).then(() => 'sent', (e) => e.message);
    }`;
    expect((await run(source, { card, open: receiver.base })).body).toBe('PV9060');
  });
});

test('503: more than eight actions at a time, PV9018', async () => {
  const wait = (): Promise<Answer> =>
    run('({ body }) => fetch(body.url).then(() => "served")', { url: `${receiver.base}/hold` });
  const eight = Array.from({ length: 8 }, wait);
  await until('eight actions wait', () => held.length === 8);
  expect(refused(await wait())).toBe('503 PV9018');
  for (const response of held) response.end('{}');
  expect((await Promise.all(eight)).map(({ body }) => body)).toEqual(
    Array.from({ length: 8 }, () => 'served'),
  );
  expect((await invoke('echo', 1)).status).toBe(200);
});
