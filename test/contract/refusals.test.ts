import { type ContractOperation, contract } from '../../src/generated/contract.js';
import { setClients } from '../support/iam.js';
import { AUDIENCE, ISSUER, claimsOf, ecKey, signed } from '../support/jwt.js';
import { addCollection, refusal, refused } from '../support/steps.js';
import { ADMIN_KEY, type Answer, type Sent, type TestVault, startVault } from '../support/vault.js';
import { sample, sampleRequest } from './sample-request.js';

/*
 * What the guards refuse, asked of every operation of the contract. What only some operations refuse is in their own test files.
 */

type Row = [id: string, operation: ContractOperation];
const all = Object.values(contract.operations);
const rows = (applies: (operation: ContractOperation) => boolean): Row[] =>
  all.filter(applies).map((operation) => [operation.operationId, operation]);

const recorded = rows(({ auth }) => auth !== 'none');
const withKey = rows(({ auth }) => auth === 'required');
const guarded = rows(({ auth, capabilities }) => auth === 'required' && capabilities.length > 0);
const withReason = rows(({ parameters }) => 'adhoc_reason' in parameters.query.properties);
const withBody = rows(({ requestBody }) => requestBody !== null);
const withoutBody = rows(
  ({ requestBody, auth, method }) => requestBody === null && auth !== 'none' && method !== 'GET',
);
const withJson = rows(({ requestBody }) => jsonSchemaOf(requestBody) !== undefined);
const inCollection = rows(
  ({ parameters, planned }) => !planned && 'collection' in parameters.path.properties,
);
const ofArrays = rows(({ requestBody, planned }) => !planned && jsonSchemaOf(requestBody)?.type === 'array');

const LARGEST_PAGE = 1_000;

const issuer = ecKey('k1');
const IDP = `
[idps.corp]
type = "direct-jwt"
[idps.corp.conf]
iss = "${ISSUER}"
aud = "${AUDIENCE}"
keys = '${JSON.stringify({ keys: [issuer.jwk] })}'
`;

let vault: TestVault;
let keys: Record<string, string>;

beforeAll(async () => {
  // Wrong keys have to wait per address: with a proxy to name it, each case comes from one of its own.
  vault = await startVault({ COATCHECK_SERVICE_TRUSTED_PROXIES: '1' });
  await addCollection(vault);
  keys = await setClients(vault, [
    { name: 'nobody', capabilities: [] },
    { name: 'gone', capabilities: ['*'] },
  ]);
  const { text } = await vault.send('GET', '/ctl/iam/conf');
  const disabled = text.replace('[users.gone]', '[users.gone]\ndisabled = true');
  await vault.send('POST', '/ctl/iam/conf', { raw: disabled + IDP, type: 'application/toml' });
});
afterAll(() => vault.close());

/** The operation's least request, changed. */
function ask(
  operation: ContractOperation,
  change: Sent & { query?: Record<string, string>; path?: Record<string, string> } = {},
): Promise<Answer> {
  const { query, path, ...sent } = change;
  const request = sampleRequest(operation, { ...(query && { query }), ...(path && { path }) });
  return vault.send(operation.method, request.target, { ...request.sent, ...sent });
}

let address = 0;
function fromElsewhere(): Record<string, string> {
  address++;
  return { 'x-forwarded-for': `10.0.${address >> 8}.${address & 255}` };
}

describe('who asks', () => {
  test.each(withKey)('%s: no key, a wrong one, one in another header: 401 PV1005', async (_, operation) => {
    const headers = fromElsewhere();
    expect(refused(await ask(operation, { key: null, headers }))).toBe('401 PV1005');
    expect(refused(await ask(operation, { key: 'wrong', headers }))).toBe('401 PV1005');
    expect(
      refused(await ask(operation, { key: null, headers: { ...headers, 'x-api-key': ADMIN_KEY } })),
    ).toBe('401 PV1005');
    // The right key from the same address takes the failures back; without it the next case would have to wait.
    await vault.send('GET', '/ctl/iam/conf', { headers });
  });

  test.each(withKey)('%s: the key of a disabled user: 401 PV1011', async (_, operation) => {
    expect(refused(await ask(operation, { key: keys.gone!, headers: fromElsewhere() }))).toBe('401 PV1011');
  });

  test.each(guarded)('%s: a user without the capability: 403 PV1007', async (_, operation) => {
    const [status, code, context] = refusal(await ask(operation, { key: keys.nobody! }));
    expect([status, code, context]).toEqual([403, 'PV1007', { username: 'nobody' }]);
  });
});

describe('who asks with a JWT', () => {
  test.each(withKey)('%s: restricted in a way that cannot be held to: 403 PV9065', async (_, operation) => {
    const claims = { 'https://app.piiano.io/role': 'nobody', 'https://app.piiano.io/prop/email': 'a@b.co' };
    const key = signed(issuer, claimsOf('ann', claims));
    expect(refused(await ask(operation, { key }))).toBe('403 PV9065');
  });

  test.each(recorded)(
    '%s: on behalf of a subject whose role trusts nobody: 403 PV9066',
    async (_, operation) => {
      const headers = { 'x-pvault-delegation': signed(issuer, claimsOf('ann')) };
      expect(refused(await ask(operation, { headers }))).toBe('403 PV9066');
    },
  );
});

describe('who may ask without a key', () => {
  test.each(rows(({ auth }) => auth === 'optional'))('%s: but not with a wrong one', async (_, operation) => {
    expect(refused(await ask(operation, { key: keys.gone!, headers: fromElsewhere() }))).toBe('401 PV1011');
  });
});

describe('what is asked', () => {
  test.each(rows(() => true))(
    '%s: a parameter it does not have: 400 PV1012 that names it',
    async (_, operation) => {
      const [status, code, { field }] = refusal(await ask(operation, { query: { surprise: 'secret' } }));
      expect([status, code, field]).toEqual([400, 'PV1012', 'surprise']);
    },
  );

  test.each(withReason)(
    '%s: a reason that is none: 400 PV1002; Other without words: PV1012',
    async (_, operation) => {
      expect(refused(await ask(operation, { query: { reason: 'Curiosity' } }))).toBe('400 PV1002');
      const [status, code, { field }] = refusal(await ask(operation, { query: { reason: 'Other' } }));
      expect([status, code, field]).toEqual([400, 'PV1012', 'adhoc_reason']);
    },
  );

  test.each(inCollection)('%s: a collection that is not there: 404 PV1004', async (_, operation) => {
    expect(refused(await ask(operation))).toBe('404 PV1004');
  });
});

describe('the body', () => {
  test.each(withBody.filter(([, { requestBody }]) => requestBody!.required))(
    '%s: none: 400 PV1012',
    async (_, operation) => {
      const { target } = sampleRequest(operation);
      const [status, code, { field }] = refusal(await vault.send(operation.method, target));
      expect([status, code, field]).toEqual([400, 'PV1012', 'body']);
    },
  );

  test.each(withoutBody)('%s: one where there is none to be: 400 PV1012', async (_, operation) => {
    expect(refused(await ask(operation, { json: { a: 1 } }))).toBe('400 PV1012');
  });

  test.each(withBody)('%s: another content type: 415 PV9015', async (_, operation) => {
    expect(refused(await ask(operation, { raw: '<a/>', json: undefined, type: 'application/xml' }))).toBe(
      '415 PV9015',
    );
  });

  test.each(withJson)('%s: what is no JSON: 400 PV1012 without a word of it', async (_, operation) => {
    for (const raw of ['{"secret-canary"', '\uFEFF{}', '[1,]', `${'['.repeat(100)}${']'.repeat(100)}`]) {
      const answer = await ask(operation, { raw, json: undefined, type: 'application/json' });
      expect(refused(answer)).toBe('400 PV1012');
      expect(answer.text).not.toContain('secret-canary');
    }
  });

  test.each(withJson)('%s: a value of another type: 400 PV1012', async (_, operation) => {
    const schema = jsonSchemaOf(operation.requestBody)!;
    if (takesAnything(schema)) return;
    expect(refused(await ask(operation, { json: 7 }))).toBe('400 PV1012');
  });

  test.each(ofArrays)('%s: more items than a page has: a clear 400', async (_, operation) => {
    const { items } = jsonSchemaOf(operation.requestBody) as { items: Record<string, unknown> };
    const json = Array.from({ length: LARGEST_PAGE + 1 }, () => sample(items));
    expect(['400 PV9007', '400 PV1012']).toContain(
      refused(await ask(operation, { json, path: { collection: 'users' } })),
    );
  });

  test.each(withBody)('%s: past its limit: 413 PV9014', async (_, operation) => {
    const raw = new Uint8Array(operation.xMaxBody + 1).fill(0x20);
    const [type] = Object.keys(operation.requestBody!.content);
    expect(refused(await ask(operation, { raw, json: undefined, type: type! }))).toBe('413 PV9014');
  });
});

function jsonSchemaOf(body: ContractOperation['requestBody']): Record<string, unknown> | undefined {
  const schema = body?.content['application/json'];
  if (!schema) return undefined;
  const { $ref } = schema as { $ref?: string };
  return $ref === undefined ? schema : contract.definitions.$defs[$ref.split('/').at(-1)!];
}

function takesAnything(schema: Record<string, unknown>): boolean {
  return schema.type === undefined && schema.oneOf === undefined;
}

describe('too often', () => {
  let busy: TestVault;
  beforeAll(async () => {
    busy = await startVault({
      COATCHECK_SERVICE_TRUSTED_PROXIES: '1',
      COATCHECK_SERVICE_FORCE_ACCESS_REASON: 'true',
      COATCHECK_SERVICE_RATE_LIMIT_PER_ADDRESS: '2',
    });
  });
  afterAll(() => busy.close());

  test.each(rows(() => true))('%s: 429 PV9016 with Retry-After', async (_, operation) => {
    const headers = fromElsewhere();
    const { target, sent } = sampleRequest(operation);
    for (let nth = 0; nth < 2; nth++) await busy.send(operation.method, target, { ...sent, headers });
    const answer = await busy.send(operation.method, target, { ...sent, headers });
    expect(refused(answer)).toBe('429 PV9016');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test.each(withReason)('%s: no reason where one is forced: 400 PV1001', async (_, operation) => {
    const { target, sent } = sampleRequest(operation);
    expect(refused(await busy.send(operation.method, target, { ...sent, headers: fromElsewhere() }))).toBe(
      '400 PV1001',
    );
  });
});
