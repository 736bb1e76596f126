import { setClients } from '../../support/iam.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { encryptFields } from '../crypto/support.js';
import { NOWHERE, addCollection, addObject, refusal, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let open: Receiver;
let pci: Receiver;
let keys: Record<string, string>;
let card: string;
let user: string;
const CARD_FIELDS = { number: '4111111111111111', expiration: '12/2030', holder: 'A"nn\\ O' };
beforeAll(async () => {
  open = await startReceiver((received, response) => {
    response.writeHead(received.url.startsWith('/teapot') ? 418 : 200, {
      'content-type': 'text/plain',
      'x-echo': 'e',
    });
    response.end(`got ${received.body}`);
  });
  pci = await startReceiver();
  vault = await startVault({
    COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: open.base,
    COATCHECK_SERVICE_ALLOWED_PCI_HTTP_DESTINATIONS: `${pci.base}/v1`,
    COATCHECK_SERVICE_ACTIONS_HTTP_CALL_ROLE: 'sender',
  });
  await addCollection(
    vault,
    'cards DATA ( number CC_NUMBER, expiration CC_EXPIRATION_STRING, holder STRING )',
  );
  await addCollection(vault);
  card = await addObject(vault, CARD_FIELDS, { collection: 'cards' });
  user = await addObject(vault, { name: 'Ann & "Co"', ssn: '123-12-1234' });
  keys = await setClients(vault, [
    {
      name: 'app',
      capabilities: ['CapActionsInvoker'],
      allow: [{ operations: ['invoke'], resources: ['actions/http_call'] }],
    },
    { name: 'nobody', capabilities: ['CapActionInvoker'] },
    {
      name: 'sender',
      capabilities: ['CapObjectsReader', 'CapCryptoDecrypter'],
      allow: [
        {
          operations: ['read', 'decrypt'],
          resources: ['cards/*', 'cards/properties/*', 'users/properties/name', 'users/properties/id'],
        },
      ],
    },
  ]);
});
afterAll(async () => {
  await vault.close();
  await open.close();
  await pci.close();
});
beforeEach(() => {
  open.received.length = pci.received.length = 0;
});

const call = (json: object, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', '/data/actions/http_call', { json, key: keys.app!, ...sent });
const NAME = (): object => ({ name: `pvlt:read_object:users:name:${user}:` });
const CARD = (): object => ({ card: `pvlt:read_object:cards::${card}:` });

describe('200', () => {
  test('the destination gets the values, the caller gets the status', async () => {
    const answer = await call({
      template_variables: CARD(),
      request: {
        url: `${pci.base}/v1/charge?month={{ .card.expiration | substr 0 2 | urlquery }}&to={{ .card.holder | urlquery }}`,
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Number': '{{ .card.number | substr 0 4 }}' },
        body: '{"number": "{{ .card.number }}", "holder": "{{ .card.holder }}", "id": "{{ .card.id }}"}',
      },
    });
    expect(answer.body).toEqual({ status_code: 200, headers: expect.any(Object) });
    const [received] = pci.received;
    expect(JSON.parse(received!.body)).toEqual({ number: '4111111111111111', holder: 'A"nn\\ O', id: card });
    expect(received!.url).toBe('/v1/charge?month=12&to=A%22nn%5C+O');
    expect(received!.headers).toMatchObject({ 'x-number': '4111', 'content-type': 'application/json' });
    expect(answer.text + vault.logged()).not.toContain('4111');
  });

  test('the body of the answer comes back if asked for, headers of its own making do not', async () => {
    const request = { url: `${open.base}/teapot/{{ .name }}`, method: 'POST', body: '{{ .name }}' };
    const json = { template_variables: NAME(), request, include_response_body: true };
    expect((await call(json)).body).toEqual({
      status_code: 418,
      headers: { 'content-type': 'text/plain', date: expect.any(String) },
      body: 'got Ann & \\"Co\\"',
    });
    expect(open.received[0]!.url).toBe('/teapot/Ann%20%26%20%22Co%22');
    expect((await call({ template_variables: {}, request: { url: open.base } })).body.status_code).toBe(200);
  });

  test('values come out of ciphertexts too, in the role of the action, and nothing is sent where they may not', async () => {
    const ciphertext = await encryptFields(vault, { name: 'Bo', ssn: '123-12-1234' }, { scope: 's' });
    const of = (props: string, scope: string): object => ({
      template_variables: { v: `pvlt:decrypt_object:users:${props}:${ciphertext}:${scope}` },
      request: { url: open.base, method: 'POST', body: '{{ .v }}' },
    });
    expect((await call(of('name', 's'))).status).toBe(200);
    expect(open.received.map(({ body }) => body)).toEqual(['Bo']);
    expect(refused(await call(of('ssn', 's')))).toBe('403 PV1006');
    expect(refused(await call(of('name', 'other')))).toBe('400 PV9047');
    expect(open.received).toHaveLength(1);
    const card = await encryptFields(vault, CARD_FIELDS, {}, { collection: 'cards' });
    const json = {
      template_variables: { card: `pvlt:decrypt_object:cards:number:${card}:` },
      request: { url: open.base },
    };
    expect(refused(await call(json))).toBe('403 PV9060');
  });

  test('the log has the invocation, each reading in the role of the action, and the destination', async () => {
    const headers = { 'x-pvault-request-id': 'logged-call' };
    await call({ template_variables: NAME(), request: { url: `${open.base}/?n={{ .name }}` } }, { headers });
    const all = (await vault.send('GET', '/api/coatcheck/1.0/audit/entries?user=app&limit=1000')).body
      .entries;
    const found = all.filter(
      (entry: { caller_request_id?: string }) => entry.caller_request_id === 'logged-call',
    );
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          operation: 'invokeHttpCallAction',
          role: 'app',
          asked: [{ property: 'actions/http_call' }],
        }),
        expect.objectContaining({ operation: 'getObjectById', role: 'sender', objects: [user] }),
        expect.objectContaining({ operation: 'invokeHttpCallAction', rule: `sent-to:${open.base}` }),
      ]),
    );
  });
});

describe('400', () => {
  test.each([
    [{ url: 'x{{ .a | html }}' }, 'request.url'],
    [{ url: 'x', body: '{{ .a' }, 'request.body'],
    [{ url: 'x', headers: { a: '{{ }}' } }, 'request.headers'],
  ])('a template that is none is PV9062 before anything is read: %j', async (request, field) =>
    expect(refusal(await call({ template_variables: CARD(), request }))).toEqual([
      400,
      'PV9062',
      { field, reason: expect.any(String) },
    ]),
  );

  test('a variable without a value is PV9062 and nothing is sent', async () => {
    const request = { url: `${open.base}/{{ .name.first }}` };
    expect(refused(await call({ template_variables: NAME(), request }))).toBe('400 PV9062');
    expect(open.received).toEqual([]);
  });

  test('a global identifier that is none is PV9059', async () =>
    expect(refused(await call({ template_variables: { a: 'pvlt:x' }, request: { url: open.base } }))).toBe(
      '400 PV9059',
    ));

  test.each([
    [{ method: 'CONNECT' }, 'PV9006'],
    [{ method: 'FETCH' }, 'PV1012'],
    [{ headers: { Host: 'other' } }, 'PV9006'],
    [{ headers: { 'X-A': 'a\r\nB: c' } }, 'PV9006'],
    [{ body: 'x' }, 'PV9006'],
  ])('%j cannot be sent, %s', async (more, code) =>
    expect(refused(await call({ template_variables: {}, request: { url: open.base, ...more } }))).toBe(
      `400 ${code}`,
    ),
  );
});

describe('403', () => {
  test('needs the capability, PV1007, and a policy, PV1006', async () => {
    const json = { template_variables: {}, request: { url: open.base } };
    expect(refused(await call(json, { key: keys.sender! }))).toBe('403 PV1007');
    expect(refused(await call(json, { key: keys.nobody! }))).toBe('403 PV1006');
    expect(open.received).toEqual([]);
  });

  test('what its role may not read is PV1006, and nothing is sent', async () => {
    const template_variables = { ssn: `pvlt:read_object:users:ssn:${user}:` };
    expect(refused(await call({ template_variables, request: { url: open.base } }))).toBe('403 PV1006');
    expect(open.received).toEqual([]);
  });

  test.each([
    ['another host', () => 'https://example.com/'],
    ['a host that a value chose', () => `${open.base.replace('127.0.0.1', '{{ .name }}')}/`],
    ['a user name that looks like the host', () => `${open.base}@evil.example/`],
    ['a longer port', () => `${open.base}9/`],
  ])('%s is PV9060, and nothing is sent', async (_, url) => {
    expect(refused(await call({ template_variables: NAME(), request: { url: url() } }))).toBe('403 PV9060');
    expect(open.received).toEqual([]);
  });

  test('card data goes to no other destination, PV9060, not even masked', async () => {
    for (const variable of [
      `pvlt:read_object:cards::${card}:`,
      `pvlt:read_object:cards:number.mask:${card}:`,
    ]) {
      const json = { template_variables: { card: variable }, request: { url: open.base } };
      expect(refused(await call(json))).toBe('403 PV9060');
    }
    expect(open.received).toEqual([]);
  });

  test('steps in a path do not leave what is allowed, PV9060', async () => {
    for (const steps of ['../admin', '..%2fadmin', '%2e%2e/admin', '{{ .card.none }}']) {
      const json = { template_variables: CARD(), request: { url: `${pci.base}/v1/${steps}` } };
      expect((await call(json)).status).not.toBe(200);
    }
    expect(pci.received).toEqual([]);
  });

  test('without a role of its own it reads nothing, PV1007', async () => {
    const without = await startVault(
      { COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: open.base },
      vault.database,
    );
    const json = { template_variables: NAME(), request: { url: open.base } };
    const answer = await without.send('POST', '/data/actions/http_call', { json, key: keys.app! });
    expect(refused(answer)).toBe('403 PV1007');
    await without.close();
  });
});

test('404: what is not there is as it is elsewhere', async () => {
  const template_variables = { a: `pvlt:read_object:users:name:${NOWHERE}:` };
  expect(refused(await call({ template_variables, request: { url: open.base } }))).toBe('404 PV3005');
});

test('503: a destination that does not answer is PV9061', async () => {
  const gone = await startReceiver((_, response) => void response.socket!.destroy());
  const broken = await startVault({ COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: gone.base }, vault.database);
  const json = { template_variables: {}, request: { url: gone.base } };
  const answer = await broken.send('POST', '/data/actions/http_call', { json, key: keys.app! });
  expect(refused(answer)).toBe('503 PV9061');
  await broken.close();
  await gone.close();
});

test('a destination that is none stops the start', async () => {
  await expect(startVault({ COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: 'nonsense' })).rejects.toThrow(
    'is not a base URL',
  );
});
