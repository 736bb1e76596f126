import { randomUUID } from 'node:crypto';
import { catchUp } from '../src/access-log/projector.js';
import { OPERATIONS } from '../src/operations/index.js';
import { contract } from '../src/generated/contract.js';
import { rewrapObjectKeys } from '../src/operations/keys/rewrap-object-keys.js';
import { passwordImport, registration } from './idp/okta-events.js';
import { AUDIENCE, ISSUER, claimsOf, ecKey, signed } from './support/jwt.js';
import { base64 } from './support/bundles.js';
import { setClients } from './support/iam.js';
import { type Receiver, startReceiver } from './support/receiver.js';
import { type Superuser, openSuperuser } from './support/superuser.js';
import { ADMIN_KEY, type Answer, type Sent, type TestVault, startVault } from './support/vault.js';

/**
 * Values that exist nowhere else are sent through every operation that is built, where they belong and where they do not, and are then looked
 * for in everything that the vault leaves behind: its log, its error answers, its metrics, the access log and every column of every table.
 *
 * Stored by design and therefore not looked for as a leak: `adhoc_reason` and `custom_audit`, the caller's words to the auditor, in
 * `access_log_text`; `X-Pvault-Request-ID`, the caller's own name for the request, and `X-Tenant-Id`, in log and entries; names and
 * descriptions of collections, properties, users and scopes that were accepted. A 400 tells its caller, and nobody else, the name of a
 * parameter or member it does not know, if that looks like a name.
 */

let vault: TestVault;
let sql: Superuser;
let receiver: Receiver;
/** Every canary: what it was used as, and the text. */
const canaries = new Map<string, string>();
const errors: Answer[] = [];
const answers: Answer[] = [];
const used = new Set<string>();
let adminKey = ADMIN_KEY;

/** A value nobody else has. Digits where the type wants them. */
function canary(use: string, text: string): string {
  canaries.set(`${use} ${canaries.size}`, text);
  return text;
}
const words = (use: string): string => canary(use, `Quetzal${randomUUID().replaceAll('-', '').slice(0, 14)}`);

async function send(operation: string, method: string, path: string, sent: Sent = {}): Promise<Answer> {
  used.add(operation);
  const answer = await vault.send(method, path, { key: adminKey, ...sent });
  answers.push(answer);
  if (answer.status >= 400) errors.push(answer);
  return answer;
}

const VALID = {
  ssn: canary('ssn', '612-58-3947'),
  name: words('name'),
  mail: canary('mail', `quetzal.${randomUUID().slice(0, 8)}@canary.example`),
  phone: canary('phone', '+12025550187'),
  born: canary('date', '1961-11-23'),
  note: `${words('long text')}\r\n"${words('quoted')}"`,
  card: canary('card', '4929123412341232'),
  blob: canary('blob', Buffer.from(`blob ${randomUUID()}`).toString('base64')),
  doc: { [words('JSON member')]: [words('JSON value')] },
};
const SCHEMA = `people PERSONS ( ssn SSN NULL UNIQUE, name NAME NULL INDEX SUBSTRING_INDEX, mail EMAIL NULL INDEX, phone PHONE_NUMBER NULL,
  born DATE_OF_BIRTH NULL, note LONG_TEXT NULL SUBSTRING_INDEX, card CC_NUMBER NULL, blob BLOB NULL, doc JSON NULL )`;
const P = '/data/collections/people';
const issuer = ecKey('subjects');

beforeAll(async () => {
  // With every statement in the log, too.
  receiver = await startReceiver((received, response) => {
    if (received.url !== '/passwords') return void response.end(received.body);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ verified: true, asked: received.body }));
  });
  vault = await startVault({
    COATCHECK_LOG_AUDIT_REMOTE_ADDR_ENABLE: 'true',
    COATCHECK_DB_TRACE_SQL: 'true',
    COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: receiver.base,
    COATCHECK_SERVICE_ACTIONS_HTTP_CALL_ROLE: 'VaultAdminRole',
  });
  sql = await openSuperuser(vault.database.url);
});
afterAll(async () => {
  await sql.close();
  await vault.close();
  await receiver.close();
});

test('values where they belong: every operation works with them', async () => {
  const why = '?reason=Other&adhoc_reason=because&custom_audit=ticket';
  expect(
    (await send('addCollection', 'POST', '/ctl/collections', { raw: SCHEMA, type: 'application/pvschema' }))
      .status,
  ).toBe(200);
  const made = await send('addObject', 'POST', `${P}/objects${why}`, {
    json: VALID,
    headers: { 'idempotency-key': words('idempotency key') },
  });
  expect([made.status, made.text]).toEqual([200, expect.stringContaining('id')]);
  const { id } = made.body;
  const get = await send('getObjectById', 'GET', `${P}/objects/${id}?options=unsafe`);
  expect(get.body).toEqual(expect.objectContaining({ ssn: VALID.ssn, name: VALID.name, note: VALID.note }));
  await send('listObjects', 'GET', `${P}/objects?options=unsafe`);
  await send('searchObjects', 'POST', `${P}/query/objects?options=unsafe`, {
    json: { match: { name: VALID.name } },
  });
  await send('searchObjects', 'POST', `${P}/query/objects?options=unsafe`, {
    json: { in: { note: [VALID.note] } },
  });
  const liked = await send('searchObjects', 'POST', `${P}/query/objects?options=unsafe`, {
    json: { like: { name: `*${VALID.name.slice(1)}`, note: `${VALID.note.slice(0, 9)}*` } },
  });
  expect(liked.body.results).toHaveLength(1);
  await send('updateObjectById', 'PATCH', `${P}/objects/${id}`, {
    json: { name: words('changed name'), mail: VALID.mail },
  });
  await send('getObjectsCount', 'GET', `${P}/count/objects`);

  const { export_key } = (await send('getExportKey', 'GET', '/system/admin/export_key')).body;
  const exported = await send('listObjects', 'GET', `${P}/objects?options=unsafe&export=true`);
  expect(exported.body.results).toHaveLength(1);
  expect(found([['export', exported.text]])).toEqual([]);
  const exportedFields = exported.body.results[0] as Record<string, string>;
  await send('deleteObjectById', 'DELETE', `${P}/objects/${id}`);
  const imported = await send('addObject', 'POST', `${P}/objects?export_key=${export_key}`, {
    json: exportedFields,
  });
  expect(imported.body).toEqual({ id });
  const moved = { name: exportedFields.mail, mail: words('not sealed') };
  await send('updateObjectById', 'PATCH', `${P}/objects/${id}?export_key=${export_key}`, { json: moved });
  await send('updateObjectById', 'PATCH', `${P}/objects/${id}?export_key=${words('export key')}`, {
    json: {},
  });

  const added = await send('addObjects', 'POST', `${P}/bulk/objects?import=true`, {
    json: [
      { name: words('bulk name'), mail: canary('bulk mail', `quetzal.${randomUUID()}@canary.example`) },
      { note: words('bulk note'), _creation_time: '2020-01-01T00:00:00Z' },
    ],
    headers: { 'idempotency-key': words('idempotency key') },
  });
  const bulk = (added.body.results as { id: string }[]).map((each) => ({ id: each.id }));
  const changes = bulk.map((each) => ({ ...each, name: words('changed in bulk') }));
  expect((await send('updateObjects', 'PATCH', `${P}/bulk/objects`, { json: changes })).body.ok).toBe(true);
  expect((await send('deleteObjects', 'DELETE', `${P}/bulk/objects`, { json: bulk })).body.ok).toBe(true);

  const tags = [words('tag'), words('tag')];
  const tokens = await send('tokenize', 'POST', `${P}/tokens`, {
    json: [
      { type: 'randomized', object: { id }, tags },
      { type: 'pointer', object: { id }, props: ['ssn'] },
      { type: 'randomized', object: { fields: { name: words('bare name') } }, tags },
      { type: 'randomized', object: { fields: { name: words('stored name') } }, store_object: true },
    ],
    headers: { 'idempotency-key': words('idempotency key') },
  });
  expect(tokens.status).toBe(200);
  const ids = tokens.body.map(({ token_id }: { token_id: string }) =>
    canary('token id', token_id),
  ) as string[];
  const shown = await send(
    'detokenize',
    'GET',
    `${P}/tokens?token_ids=${ids.join(',')}&options=include_metadata`,
  );
  expect(shown.text).toContain(VALID.ssn);
  await send('detokenize', 'GET', `${P}/tokens?tags=${tags[0]}`);
  await send('searchTokens', 'POST', `${P}/query/tokens`, { json: { tags } });
  await send('updateTokens', 'PATCH', `${P}/tokens?token_ids=${ids[0]}`, {
    json: { tags: [words('new tag')] },
  });
  const rotated = await send('rotateTokens', 'POST', `${P}/rotate/tokens?token_ids=${ids[0]}`);
  expect(rotated.status).toBe(200);
  canary('rotated token id', Object.values(rotated.body as object)[0] as string);
  await send('getTokensCount', 'GET', `${P}/count/tokens`);
  const sealed = await send('encrypt', 'POST', `${P}/encrypt/objects`, {
    json: [
      { object: { fields: VALID }, tags: [words('tag in a ciphertext')] },
      { object: { id }, type: 'deterministic', scope: 'bound' },
      { object: { fields: { name: words('encrypted name') } } },
    ],
  });
  expect(sealed.status).toBe(200);
  const [whole, , named] = sealed.body.map(({ ciphertext }: { ciphertext: string }) =>
    canary('ciphertext', ciphertext),
  ) as string[];
  const opened = await send('decrypt', 'POST', `${P}/decrypt/objects?options=include_metadata`, {
    json: [{ encrypted_object: { ciphertext: whole } }, { encrypted_object: { ciphertext: named } }],
    headers: { 'x-trans-param': words('transformation parameter') },
  });
  expect(opened.text).toContain(VALID.ssn);
  const changed = await send('updateEncrypted', 'PATCH', `${P}/encrypt/objects`, {
    json: [{ encrypted_object: { ciphertext: named }, fields: { mail: VALID.mail } }],
  });
  canary('ciphertext', changed.body[0].ciphertext);
  const bytes = Buffer.from(words('raw bytes'));
  const type = 'application/octet-stream';
  const blob = await send('encryptBlob', 'POST', `${P}/encrypt/blob?prop=blob`, { raw: bytes, type });
  const back = await send('decryptBlob', 'POST', `${P}/decrypt/blob?prop=blob`, { raw: blob.bytes, type });
  expect(back.bytes).toEqual(bytes);
  await send('deleteTokens', 'DELETE', `${P}/tokens?token_ids=${ids[1]}`);
  const shared = words('name of equal values');
  const equal = await send('tokenize', 'POST', `${P}/tokens?transaction_id=${words('transaction id')}`, {
    json: [
      ...['pci', 'pci_oneway', 'deterministic'].map((type) => ({
        type,
        object: { fields: { name: shared } },
        scope: 'global:x',
        tags,
      })),
      {
        type: 'pci',
        object: { fields: { card: VALID.card } },
        fpprops: ['card'],
        fptemplate: 'primary_account_number',
      },
      {
        type: 'randomized',
        object: { id },
        token_id: words('own token id'),
        tags: [tags[0]],
      },
      { type: 'pci', object: { request_index: 3 }, scope: 'other' },
    ],
  });
  expect(equal.status).toBe(200);
  for (const { token_id } of equal.body as { token_id: string }[]) canary('token id', token_id);
  const transaction = words('transaction id');
  await send('tokenize', 'POST', `${P}/tokens?transaction_id=${transaction}`, {
    json: [{ type: 'pci', object: { fields: { name: shared } } }],
  });
  const listed = await send('getByTransactionId', 'GET', `${P}/transaction_id/${transaction}`);
  canary('token id', listed.body.ref_ids[0]);
  await send('updateTokens', 'PATCH', `${P}/tokens?token_ids=${equal.body[0].token_id}`, {
    json: { object: { fields: { name: words('other name') } } },
  });
  const hashed = await send('hashObjects', 'POST', `${P}/hash/objects`, {
    json: [{ object: { fields: { name: words('hashed name') } } }],
  });
  canary('token id', hashed.body[0].token_id);
  const exportedTokens = await send('exportTokens', 'GET', `${P}/export/tokens`);
  expect(exportedTokens.text).toContain(shared);
  const importedTokens = await send('importTokens', 'POST', `${P}/import/tokens`, {
    json: [
      {
        token_id: words('imported token id'),
        token_type: 'pci',
        props: ['name'],
        fields: { name: words('imported name') },
        scope: 'default',
        tags: [words('imported tag')],
        created_at: '2020-01-01T00:00:00Z',
        modified_at: '2020-01-01T00:00:00Z',
      },
    ],
  });
  expect(importedTokens.body.ok).toBe(true);
  await send('getObjectById', 'GET', `${P}/objects/${id}?props=card.token`);
  const gone = await send('addObject', 'POST', `${P}/objects`, { json: { name: words('deleted name') } });
  await send('deleteObjectById', 'DELETE', `${P}/objects/${gone.body.id}`);

  await send('updateCollection', 'PATCH', '/ctl/collections/people', {
    raw: SCHEMA,
    type: 'application/pvschema',
  });
  await send('addCollectionProperty', 'POST', '/ctl/collections/people/properties/late', {
    json: { name: 'late', data_type_name: 'STRING', is_nullable: true },
  });
  await send('updateObjectById', 'PATCH', `${P}/objects/${id}`, { json: { late: words('late value') } });
  await send('updateCollectionProperty', 'PATCH', '/ctl/collections/people/properties/late', {
    json: { is_index: true },
  });
  await send('deleteCollectionProperty', 'DELETE', '/ctl/collections/people/properties/late');
  for (const [operation, path] of [
    ['listCollections', '/ctl/collections'],
    ['getCollection', '/ctl/collections/people'],
    ['listCollectionProperties', '/ctl/collections/people/properties'],
    ['getCollectionProperty', '/ctl/collections/people/properties/ssn'],
    ['listDataTypes', '/ctl/types'],
    ['getDataType', '/ctl/types/SSN'],
    ['controlHealth', '/ctl/info/health'],
    ['dataHealth', '/data/info/health'],
    ['getVaultVersion', '/system/info/version'],
    ['getConfiguration', '/system/info/configuration'],
    ['getLicense', '/system/info/license'],
    ['getKms', '/system/info/kms'],
    ['getClusterInfo', '/ctl/info/cluster'],
    ['getConfVar', '/system/confvar/trace_sql'],
    ['listAuditEntries', '/api/coatcheck/1.0/audit/entries?limit=1000'],
    ['getAuditStatus', '/api/coatcheck/1.0/audit/status'],
    ['getCheckpoint', '/api/coatcheck/1.0/audit/checkpoint'],
    ['listLogKeys', '/api/coatcheck/1.0/audit/keys'],
    ['getInclusionProof', '/api/coatcheck/1.0/audit/proof/inclusion?index=0'],
    ['getConsistencyProof', '/api/coatcheck/1.0/audit/proof/consistency?from=1&to=1'],
    ['exportAuditLog', '/api/coatcheck/1.0/audit/export'],
    ['exportAuditLog', '/api/coatcheck/1.0/audit/export?format=ocsf'],
    ['exportAuditLog', '/api/coatcheck/1.0/audit/export?format=ecs'],
    ['exportAuditLog', '/api/coatcheck/1.0/audit/export?format=cef'],
  ] as const) {
    expect((await send(operation, 'GET', path)).status).toBe(200);
  }
  const audit = '/api/coatcheck/1.0/audit';
  for (const [operation, method, path, json] of [
    ['queryAuditEntries', 'POST', `${audit}/query`, { token_id: ids[0], limit: 1000 }],
    ['countAuditEntries', 'GET', `${audit}/counts?by=property`, undefined],
    [
      'replayAuditEntries',
      'POST',
      `${audit}/replay`,
      { iam: '[users]\n[roles]\n[policies]', from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' },
    ],
    ['listSubjectAccesses', 'GET', `/api/coatcheck/1.0/subjects/people/${id}/accesses`, undefined],
    ['eraseAuditTexts', 'POST', `${audit}/texts/erase`, { object_id: gone.body.id }],
  ] as const) {
    const answer = await send(operation, method, path, json ? { json } : {});
    expect([operation, answer.status]).toEqual([operation, 200]);
  }
  await send('addCollection', 'POST', '/ctl/collections', {
    raw: 'spare PERSONS ( a STRING )',
    type: 'application/pvschema',
  });
  await send('deleteCollection', 'DELETE', '/ctl/collections/spare');

  // What is rotated, swept and wrapped anew here is what every test below looks at.
  expect((await send('rotateKeys', 'POST', '/system/admin/keys/rotate')).status).toBe(200);
  const late = await send('addObject', 'POST', `${P}/objects`, { json: { name: words('swept name') } });
  await sql.query(`update object set expires_at = now() - interval '31 days' where id = $1`, [late.body.id]);
  const swept = await send('garbageCollection', 'POST', '/system/admin/lifecycle/gc');
  expect(swept.body).toContainEqual({
    collection_name: 'people',
    collection_type: 'PERSONS',
    count: 1,
  });
  expect((await rewrapObjectKeys(vault.app.vault, { early: true })).done).toBe(true);
  for (const [operation, method, path, json] of [
    ['setConfVar', 'POST', '/system/confvar/log_level', { value: 'debug' }],
    ['setLicense', 'POST', '/system/info/license', { key: 'a license, kept and shown as it is given' }],
  ] as const) {
    expect((await send(operation, method, path, { json })).status).toBe(200);
  }
  expect((await send('rotateLogKey', 'POST', '/api/coatcheck/1.0/audit/keys/rotate')).status).toBe(200);
  expect((await send('clearAllConfVars', 'DELETE', '/system/confvar')).status).toBe(200);

  for (const [operation, method, path] of [
    ['getCheckpoint', 'GET', 'checkpoint'],
    ['getInclusionProof', 'GET', 'proof/inclusion?index=0'],
    ['getConsistencyProof', 'GET', 'proof/consistency?from=1&to=1'],
    ['listLogKeys', 'GET', 'keys'],
    ['rotateLogKey', 'POST', 'keys/rotate'],
    ['getAuditStatus', 'GET', 'status'],
  ] as const) {
    expect((await send(operation, method, `${audit}/${path}`)).status).toBe(200);
  }
});

test('values that pass through bundles, actions and other services are theirs alone', async () => {
  const code = `
    exports.ok = { type: 'validator', handler: (value) => { if (value.startsWith('no word')) throw new Error(value); return value.length < 99; } };
    exports.same = { type: 'normalizer', handler: (value) => { console.log(value); return value; } };
    exports.fail = { type: 'transformer', handler: (context, object, value) => { throw new Error(value + context.param); } };
    exports.run = { type: 'action', handler: async ({ body, vault }) => {
      console.log(body);
      if (body.fail) throw new Error(body.text);
      const { name } = await vault.deref({ name: body.id });
      return fetch(body.url + '?q=' + encodeURIComponent(name), { method: 'POST', headers: { 'X-Name': body.text }, body: name }).then((a) => a.text());
    } };`;
  const ctl = (operation: string, method: string, path: string, json?: object): Promise<Answer> =>
    send(operation, method, `/ctl/${path}`, json && { json });
  const works = async (answer: Promise<Answer>): Promise<Answer> => {
    const { status, text } = await answer;
    expect([status, text]).toEqual([200, expect.any(String)]);
    return answer;
  };
  await works(ctl('addBundle', 'POST', 'bundles', { name: 'b', code: base64(code) }));
  const type = { name: 'WORD', base_type_name: 'STRING', validator: 'b.ok', normalizer: 'b.same' };
  await works(ctl('addDataType', 'POST', 'types', { ...type, transformers: ['b.fail'] }));
  await works(
    ctl('addAction', 'POST', 'actions', { name: 'run', function: 'b.run', role: 'VaultAdminRole' }),
  );
  await works(ctl('updateBundle', 'PATCH', 'bundles/b', { description: 'New.' }));
  await works(ctl('updateDataType', 'PATCH', 'types/WORD', { description: 'New.' }));
  for (const [operation, path] of [
    ['listBundles', 'bundles'],
    ['getBundle', 'bundles/b'],
    ['listActions', 'actions'],
    ['getActionByName', 'actions/run'],
  ] as const) {
    await works(ctl(operation, 'GET', path));
  }
  await works(
    send('addCollection', 'POST', '/ctl/collections', {
      raw: 'words DATA ( word WORD NULL INDEX )',
      type: 'application/pvschema',
    }),
  );

  const W = '/data/collections/words';
  const word = words('custom value');
  const { id } = (await works(send('addObject', 'POST', `${W}/objects`, { json: { word } }))).body;
  await send('addObject', 'POST', `${W}/objects`, {
    json: { word: `no word ${words('thrown by validator')}` },
  });
  await send('addObject', 'POST', `${W}/objects`, {
    json: { word: words('refused by validator').repeat(9) },
  });
  await send('getObjectById', 'GET', `${W}/objects/${id}?props=word.fail`, {
    headers: { 'x-trans-param': words('parameter') },
  });

  const globalId = `pvlt:read_object:words:word:${id}:`;
  const run = (json: object): Promise<Answer> => send('invokeAction', 'POST', '/data/actions/run', { json });
  const sent = await works(run({ id: globalId, url: receiver.base, text: words('header') }));
  expect(sent.body).toBe(word);
  await run({ fail: true, text: words('thrown by action') });
  await run({ id: words('global id'), url: receiver.base, text: 'x' });
  await run({ id: globalId, url: `https://${words('host')}.example`, text: 'x' });

  const call = (request: object, variable = globalId): Promise<Answer> =>
    send('invokeHttpCallAction', 'POST', '/data/actions/http_call', {
      json: { template_variables: { word: variable }, request, include_response_body: true },
    });
  const posted = {
    method: 'POST',
    headers: { 'X-Word': '{{ .word }}' },
    body: `{{ .word }}${words('body')}`,
  };
  await works(call({ url: `${receiver.base}/{{ .word }}?${words('query')}`, ...posted }));
  await call({ url: `https://{{ .word }}.example/${words('path')}` });
  await call({ url: receiver.base, body: `{{ .word | ${words('function')} }}` });
  await call({ url: `${receiver.base}/{{ .${words('field')} }}` });
  await call({ url: receiver.base, headers: { 'X-A': `${words('header')}\r\n` } });
  await call({ url: receiver.base }, words('global id'));
  for (const [operation, path] of [
    ['deleteAction', 'actions/run'],
    ['deleteDataType', 'types/WORD'],
    ['deleteBundle', 'bundles/b'],
  ] as const) {
    await ctl(operation, 'DELETE', path);
    await ctl(operation, 'DELETE', `${path}${encodeURIComponent(words('name'))}`);
  }
  await ctl('addBundle', 'POST', 'bundles', {
    name: words('-name'),
    code: base64(`throw "${words('code')}"`),
  });
  await ctl('addBundle', 'POST', 'bundles', { name: 'c', code: base64(`throw "${words('code')}"`) });
  await ctl('addDataType', 'POST', 'types', { name: 'T', base_type_name: words('base') });
  await ctl('addDataType', 'POST', 'types', {
    name: 'T',
    base_type_name: 'SSN',
    validator: words('validator'),
  });
  await ctl('addAction', 'POST', 'actions', { name: 'a', function: words('function'), role: words('role') });
});

test('what a hook of an identity provider reports is kept where it belongs and nowhere else', async () => {
  const iam = `
    [users]
    hook = { role = "hook" }
    [roles.hook]
    capabilities = ["CapIdpHook", "CapIdpImport", "CapIdpLifecycle", "CapIdpExchange"]
    policies = ["store"]
    [policies.store]
    policy_type = "allow"
    operations = ["write", "tokenize", "delete"]
    reasons = ["*"]
    resources = ["people/properties/*"]
    [idp_hooks.shop]
    provider = "auth0"
    issuer = "acme"
    users = ["hook"]
    collection = "people"
    write_back = "${receiver.base}"
    [idp_hooks.okta]
    provider = "okta"
    issuer = "https://acme.okta.com"
    users = ["hook"]
    collection = "people"
    check_passwords_at = "${receiver.base}/passwords"
    [idp_hooks.front]
    provider = "frontegg"
    issuer = "environment"
    users = ["hook"]
    collection = "people"
    [idp_hooks.tokens]
    provider = "oidc"
    issuer = "tokens"
    users = ["hook"]
    collection = "people"
    exchange_idp = "issuer"
    [idps.issuer]
    type = "subject-jwt"
    [idps.issuer.conf]
    iss = "${ISSUER}"
    aud = "${AUDIENCE}"
    keys = '${JSON.stringify({ keys: [issuer.jwk] })}'`;
  await send('setIamConf', 'POST', '/ctl/iam/conf', { raw: iam, type: 'application/toml' });
  const place = '/api/coatcheck/1.0/idp/hooks/shop/credential';
  const client = {
    client_id: words('client of the provider'),
    client_secret: words('secret of the provider'),
  };
  await send('setIdpCredential', 'POST', place, { json: client });
  await send('setIdpCredential', 'POST', place, {
    json: { ...client, audience: [words('misfit audience')] },
  });
  await send('deleteIdpCredential', 'DELETE', place);
  await send('setIdpCredential', 'POST', place, { json: client });
  const signing = '/api/coatcheck/1.0/idp/hooks/front/signing-secrets/hook';
  await send('setIdpSigningSecret', 'POST', signing, { json: { secret: words('secret that signs') } });
  await send('setIdpSigningSecret', 'POST', signing, { json: { secret: [words('misfit secret')] } });
  await send('deleteIdpSigningSecret', 'DELETE', signing);
  await send('setIdpSigningSecret', 'POST', signing, { json: { secret: words('secret that signs again') } });
  const made = await send('regenerateUserApiKey', 'POST', '/ctl/iam/user/regen', { json: { name: 'hook' } });
  const key = canary('hook key', made.body.api_key as string);
  const report = (event: string, json: unknown, provider = 'auth0'): Promise<Answer> =>
    send('receiveIdpEvent', 'POST', `/api/coatcheck/1.0/idp/${provider}/${event}`, { json, key });

  const user_id = words('subject');
  const app_metadata = {
    name: words('reported name'),
    ssn: words('reported misfit'),
    passport: words('unmapped'),
    password: words('credential'),
    [words('key of metadata')]: true,
    [`${words('key that is a mail address')}@canary.example`]: true,
  };
  const first = await report('post-login', {
    tenant: { id: 'acme' },
    user: { user_id, app_metadata, email: `${words('profile')}@canary.example` },
    client: { client_id: words('client') },
    connection: { name: 'db' },
    transaction: { id: words('transaction') },
  });
  expect([first.status, first.body.scrub]).toEqual([200, ['app_metadata.name']]);
  canary('claimed token', first.body.token as string);
  expect(first.text).not.toContain('canary.example');
  const changed = { user_id, app_metadata: { name: words('changed name') } };
  const update = { type: 'user.updated', a0tenant: 'acme', data: { object: changed } };
  expect((await report('stream', update)).status).toBe(200);
  const pair = { primary: { user_id }, secondary: { user_id: words('secondary') } };
  for (const event of ['link', 'unlink'])
    expect((await report(event, { tenant: { id: 'acme' }, ...pair })).status).toBe(200);
  expect((await report('user-deleted', { tenant: { id: 'acme' }, user: { user_id } })).status).toBe(200);
  const wrong = { tenant: { id: words('issuer') }, user: { user_id: [words('listed subject')] } };
  expect((await report('post-login', wrong)).status).toBe(400);
  expect((await report(words('event').toLowerCase(), {})).status).toBe(404);

  const registering = {
    name: words('registered name'),
    ssn: words('registered misfit'),
    login: words('login'),
  };
  const registered = await report('registration', registration(registering), 'okta');
  expect(registered.body.commands[0].value.name).toBeNull();
  const stale = { ...registration(registering), eventTime: '2020-01-01T00:00:00Z' };
  expect((await report('registration', stale, 'okta')).status).toBe(400);

  const asking = '/api/coatcheck/1.0/idp/hooks/okta/password-secret';
  const secret = words('secret of the password service');
  await send('setIdpPasswordSecret', 'POST', asking, { json: { secret: [secret] } });
  await send('setIdpPasswordSecret', 'POST', asking, { json: { secret } });
  const signIn = (password: string, more = {}): Promise<Answer> =>
    report('password', passwordImport({ username: words('login name'), password }, more), 'okta');
  const verified = await signIn(words('right password'));
  expect(verified.body.commands[0].value).toEqual({ credential: 'VERIFIED' });
  expect((await signIn(words('late password'), { eventTime: '2020-01-01T00:00:00Z' })).status).toBe(400);
  expect((await signIn(words('long password').repeat(99))).status).toBe(400);
  await send('deleteIdpPasswordSecret', 'DELETE', asking);
  const unasked = await signIn(words('password that nobody is asked about'));
  expect(unasked.body.commands[0].value).toEqual({ credential: 'UNVERIFIED' });

  const exchange = (token: string): Promise<Answer> =>
    send('exchangeSubjectToken', 'POST', '/api/coatcheck/1.0/idp/oidc/token-exchange', {
      json: {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: canary('subject token', token),
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      },
      key,
    });
  const claims = { name: words('claimed name'), ssn: words('claimed misfit') };
  const exchanged = await exchange(signed(issuer, claimsOf(words('exchanged subject'), claims)));
  canary('exchanged token', exchanged.body.access_token as string);
  const forged = claimsOf(words('forged subject'), { iss: words('forged issuer') });
  expect((await exchange(signed(ecKey('k'), forged))).status).toBe(400);
  expect((await exchange(words('no token'))).status).toBe(400);
  const headers = { 'x-okta-verification-challenge': `<${words('challenge')}>` };
  await send('verifyIdpEndpoint', 'GET', '/api/coatcheck/1.0/idp/okta/events', { headers });
  const imported = {
    name: words('imported name'),
    ssn: words('imported misfit'),
    passport: words('imported unmapped'),
  };
  const users = [
    { tenant: { id: 'acme' }, user: { user_id: words('imported subject'), app_metadata: imported } },
    wrong,
  ];
  const path = '/api/coatcheck/1.0/idp/auth0/post-login/import';
  for (const query of ['?dry_run=true', '']) {
    const answer = await send('importIdpUsers', 'POST', path + query, { json: users, key });
    expect(answer.body.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'created',
      'failed',
    ]);
  }
  await send('getIdpHook', 'GET', `/api/coatcheck/1.0/idp/auth0/hook?issuer=${words('asked issuer')}`, {
    key,
  });

  const keeping = iam
    .replace('users = ["hook"]', 'users = ["hook", "restorer"]\nkeep = ["app_metadata.name"]')
    .replace(
      '[idp_hooks.shop]',
      '[policies.see]\npolicy_type = "allow"\noperations = ["read"]\nreasons = ["*"]\nresources = ["people/properties/*"]\n[users.restorer]\nrole = "restorer"\n[roles.restorer]\ncapabilities = ["CapIdpRestore"]\npolicies = ["see"]\n[idp_hooks.shop]',
    );
  await send('setIamConf', 'POST', '/ctl/iam/conf', { raw: keeping, type: 'application/toml' });
  const regenerated = await send('regenerateUserApiKey', 'POST', '/ctl/iam/user/regen', {
    json: { name: 'restorer' },
  });
  const restorer = canary('restoring key', regenerated.body.api_key as string);
  const { user_id: subject } = users[0]!.user;
  const restored = await send(
    'restoreIdpUsers',
    'POST',
    '/api/coatcheck/1.0/idp/auth0/hook/restore?issuer=acme',
    {
      json: [{ subject }, { subject: words('unknown subject'), places: [words('place')] }],
      key: restorer,
    },
  );
  expect(restored.body.results.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    'held',
    'unknown',
  ]);
});

test('keys and credentials are never kept as they are', async () => {
  const keys = await setClients(vault, [
    {
      name: 'clerk',
      capabilities: ['CapDataReader'],
      allow: [{ operations: ['read'], resources: ['people/properties/name'] }],
    },
  ]);
  canary('API key', keys.clerk!);
  await send('getIamConf', 'GET', '/ctl/iam/conf');
  await send('setIamConf', 'POST', '/ctl/iam/conf', {
    raw: `nonsense = [ "${words('TOML')}"`,
    type: 'application/toml',
  });
  await send('getUser', 'GET', '/ctl/iam/user/clerk');
  const made = await send('regenerateUserApiKey', 'POST', '/ctl/iam/user/regen', { json: { name: 'clerk' } });
  canary('API key', made.body.api_key);
  await send('updateApiKeyExpiration', 'POST', '/ctl/iam/user/update-expiration', {
    json: { name: 'clerk', expiration_secs: '3600' },
  });
  for (const header of ['authorization', 'x-pvault-delegation']) {
    const jwt = canary('JWT', signed(ecKey('k'), claimsOf(words('subject of a refused JWT'))));
    await send('listObjects', 'GET', `${P}/objects?props=ssn`, {
      headers: { [header]: header === 'authorization' ? `Bearer ${jwt}` : jwt },
    });
  }
  const own = canary('admin key', `Quetzal1${randomUUID()}`);
  const weak = canary('weak admin key', 'Qz1heronweak');
  await send('setAdminApiKey', 'POST', '/ctl/iam/admin/set-api-key', { json: { key: weak } });
  await send('getObjectById', 'GET', `${P}/objects/${randomUUID()}`, { key: words('wrong key') });
  await send('getObjectById', 'GET', `${P}/objects/${randomUUID()}`, {
    key: `pv_live_${words('wrong key')}`,
  });
  await send('listObjects', 'GET', `${P}/objects?props=ssn`, { key: made.body.api_key });
  const set = await send('setAdminApiKey', 'POST', '/ctl/iam/admin/set-api-key', { json: { key: own } });
  expect(set.status).toBe(200);
  adminKey = own;
});

/** Values of every wrong kind, each with a canary in it. */
const WRONG: Record<string, () => unknown> = {
  ssn: () => words('as SSN'),
  name: () => words('too long').repeat(60),
  mail: () => ({ [words('member')]: words('object as e-mail') }),
  phone: () => words('as phone'),
  born: () => [words('list as date')],
  card: () => canary('bad card', '4929123412341238'),
  blob: () => `*${words('as blob')}*`,
  doc: () => `{${words('broken JSON')}`,
};

test.each(Object.keys(WRONG))('a wrong value as %s is refused without being repeated', async (property) => {
  for (const [operation, method, path, json] of [
    ['addObject', 'POST', `${P}/objects`, (value: unknown) => ({ [property]: value })],
    [
      'updateObjectById',
      'PATCH',
      `${P}/objects/${randomUUID()}`,
      (value: unknown) => ({ [property]: value }),
    ],
    [
      'searchObjects',
      'POST',
      `${P}/query/objects?options=unsafe`,
      (value: unknown) => ({ match: { [property]: value } }),
    ],
    [
      'searchObjects',
      'POST',
      `${P}/query/objects?options=unsafe`,
      (value: unknown) => ({ in: { [property]: [value] } }),
    ],
    [
      'tokenize',
      'POST',
      `${P}/tokens`,
      (value: unknown) => [{ type: 'randomized', object: { fields: { [property]: value } } }],
    ],
    [
      'encrypt',
      'POST',
      `${P}/encrypt/objects`,
      (value: unknown) => [{ object: { fields: { [property]: value } } }],
    ],
    [
      'updateEncrypted',
      'PATCH',
      `${P}/encrypt/objects`,
      (value: unknown) => [{ encrypted_object: { ciphertext: 'AAAA' }, fields: { [property]: value } }],
    ],
    [
      'tokenize',
      'POST',
      `${P}/tokens`,
      (value: unknown) => [{ type: 'pci', object: { fields: { [property]: value } } }],
    ],
    [
      'hashObjects',
      'POST',
      `${P}/hash/objects`,
      (value: unknown) => [{ object: { fields: { [property]: value } } }],
    ],
  ] as const) {
    const answer = await send(operation, method, path, { json: json(WRONG[property]!()) });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  }
  for (const [operation, method, item] of [
    ['addObjects', 'POST', {}],
    ['updateObjects', 'PATCH', { id: randomUUID() }],
  ] as const) {
    const json = [{ ...item, [property]: WRONG[property]!() }];
    const answer = await send(operation, method, `${P}/bulk/objects`, { json });
    expect(answer.body.ok).toBe(false);
    errors.push(answer);
  }
});

test('a value that is taken is refused without being repeated', async () => {
  const ssn = canary('taken ssn', '613-58-3948');
  expect((await send('addObject', 'POST', `${P}/objects`, { json: { ssn } })).status).toBe(200);
  expect((await send('addObject', 'POST', `${P}/objects`, { json: { ssn } })).status).toBe(409);
  const bulk = await send('addObjects', 'POST', `${P}/bulk/objects`, { json: [{ ssn }, { ssn }] });
  expect(bulk.body.ok).toBe(false);
  errors.push(bulk);
});

test('a value in the wrong place is neither repeated nor kept', async () => {
  const w = (use: string): string => encodeURIComponent(words(use));
  const json = { name: 'x' };
  const all = await Promise.all([
    send('addObject', 'POST', `${P}/objects`, { json: { [words('property name')]: 'x' } }),
    send('addObject', 'POST', `${P}/objects`, { json: { id: words('object id') } }),
    send('addObjects', 'POST', `${P}/bulk/objects?import=true`, {
      json: [
        { id: words('object id') },
        { [words('property name')]: 'x' },
        { _creation_time: words('time') },
      ],
    }),
    send('updateObjects', 'PATCH', `${P}/bulk/objects`, { json: [{ id: words('object id') }] }),
    send('deleteObjects', 'DELETE', `${P}/bulk/objects`, { json: [{ id: words('object id') }] }),
    send('addObject', 'POST', `${P}/objects?${w('identifier as query name')}=1`, { json }),
    send('addObject', 'POST', `${P}/objects?expiration_secs=${w('number')}`, { json }),
    send('addObject', 'POST', `${P}/objects?reason=${w('reason')}`, { json }),
    send('addObject', 'POST', `${P}/objects`, { raw: `{"name": "${words('broken JSON')}` }),
    send('addObject', 'POST', `${P}/objects`, {
      raw: `{"name":"${words('twice')}","name":"${words('twice')}"}`,
    }),
    send('addObject', 'POST', `${P}/objects`, { raw: `"${words('text')}\\ud800"` }),
    send('addObject', 'POST', `${P}/objects`, { raw: words('text'), type: 'text/plain' }),
    send('addObject', 'POST', `${P}/objects`, { raw: 'x', type: `application/${words('type')}` }),
    send('addObject', 'POST', `${P}/objects`, { json: { name: words('huge').repeat(20_000) } }),
    send('addObject', 'POST', `/data/collections/${w('collection')}/objects`, { json }),
    send('getObjectById', 'GET', `${P}/objects/${w('object id')}?options=unsafe`),
    send('getObjectById', 'GET', `${P}/objects/${w('object id')}.${w('object id')}`),
    send('getObjectById', 'GET', `${P}/objects/${randomUUID()}?props=${w('property')}`),
    send('getObjectById', 'GET', `${P}/objects/${randomUUID()}?props=ssn.${w('transformation')}`),
    send('getObjectById', 'GET', `${P}/objects/${randomUUID()}?options=${w('option')}`),
    send('listObjects', 'GET', `${P}/objects?ids=${w('id')},${w('id')}&options=unsafe`),
    send('listObjects', 'GET', `${P}/objects?cursor=${w('cursor')}&options=unsafe`),
    send('listObjects', 'GET', `${P}/objects?page_size=${w('size')}&options=unsafe`),
    send('searchObjects', 'POST', `${P}/query/objects?options=unsafe`, {
      json: { match: { [words('property')]: words('value') } },
    }),
    send('searchObjects', 'POST', `${P}/query/objects?options=unsafe`, {
      json: { [words('identifier as member')]: {} },
    }),
    send('searchObjects', 'POST', `${P}/query/objects?options=unsafe`, {
      json: { like: { name: words('pattern').repeat(20), [words('property')]: words('pattern') } },
    }),
    send('searchObjects', 'POST', `${P}/query/objects?options=unsafe`, {
      json: { like: { mail: words('pattern without an index') } },
    }),
    send('addObject', 'POST', `${P}/objects`, {
      json: { _owner_id: randomUUID(), _owner_collection: words('owner collection') },
    }),
    send('addObject', 'POST', `${P}/objects`, {
      json: { _owner_id: words('owner id'), _owner_collection: 'people' },
    }),
    send('detokenize', 'GET', `${P}/tokens?token_ids=${w('token id')}`),
    send('detokenize', 'GET', `${P}/tokens?tags=${w('tag')}`),
    send('detokenize', 'GET', `${P}/tokens?object_ids=${w('object id')}`),
    send('detokenize', 'GET', `${P}/tokens?token_ids=${randomUUID()}&props=${w('property')}`),
    send('tokenize', 'POST', `${P}/tokens`, {
      json: [{ type: words('type'), object: { id: randomUUID() } }],
    }),
    send('tokenize', 'POST', `${P}/tokens`, { json: [{ type: 'pointer', object: { id: words('id') } }] }),
    send('tokenize', 'POST', `${P}/tokens`, {
      json: [{ type: 'randomized', object: { fields: json }, token_id: words('token id') }],
    }),
    send('tokenize', 'POST', `${P}/tokens`, {
      json: [{ type: 'randomized', object: { fields: json }, props: [words('property')] }],
    }),
    send('encrypt', 'POST', `${P}/encrypt/objects`, { json: [{ object: { id: words('id') } }] }),
    send('encrypt', 'POST', `${P}/encrypt/objects`, {
      json: [{ object: { fields: json }, props: [words('property')], scope: words('scope') }],
    }),
    send('encrypt', 'POST', `${P}/encrypt/objects`, {
      json: [{ object: { encrypted: { ciphertext: words('ciphertext'), scope: words('scope') } } }],
    }),
    send('updateEncrypted', 'PATCH', `${P}/encrypt/objects`, {
      json: [{ encrypted_object: { ciphertext: words('ciphertext') }, fields: { [words('property')]: 1 } }],
    }),
    send('decrypt', 'POST', `${P}/decrypt/objects`, {
      json: [{ encrypted_object: { ciphertext: words('ciphertext'), scope: words('scope') } }],
    }),
    send('decrypt', 'POST', `${P}/decrypt/objects`, {
      json: [{ encrypted_object: { ciphertext: 'AAAA' }, props: [words('property')] }],
    }),
    send('encryptBlob', 'POST', `${P}/encrypt/blob?prop=${w('property')}`, {
      raw: words('bytes'),
      type: 'application/octet-stream',
    }),
    send('decryptBlob', 'POST', `${P}/decrypt/blob?prop=blob&scope=${w('scope')}`, {
      raw: words('bytes'),
      type: 'application/octet-stream',
    }),
    send('updateTokens', 'PATCH', `${P}/tokens?token_ids=${w('token id')}`, {
      json: { tags: [words('tag')] },
    }),
    send('deleteTokens', 'DELETE', `${P}/tokens?token_ids=${w('token id')}`),
    send('updateTokens', 'PATCH', `${P}/tokens?token_ids=${w('token id')}`, {
      json: { object: { fields: { name: words('name') } } },
    }),
    send('getByTransactionId', 'GET', `${P}/transaction_id/${w('transaction id')}`),
    send('tokenize', 'POST', `${P}/tokens`, {
      json: [
        {
          type: 'deterministic',
          object: { fields: { name: words('name') } },
          token_id: words('token id'),
        },
      ],
    }),
    send('tokenize', 'POST', `${P}/tokens`, {
      json: [
        {
          type: 'pci',
          object: { fields: { name: words('name') } },
          fpprops: [words('property')],
          fptemplate: 'primary_account_number',
        },
      ],
    }),
    send('tokenize', 'POST', `${P}/tokens`, {
      json: [
        {
          type: 'pci',
          object: { fields: { name: words('name') } },
          ensure_unique_tenant_tags: [words('tag')],
        },
      ],
    }),
    send('exportTokens', 'GET', `${P}/export/tokens?cursor=${w('cursor')}`),
    send('exportTokens', 'GET', `${P}/export/tokens?token_types=${w('type')}`),
    send('importTokens', 'POST', `${P}/import/tokens?export_key=${w('export key')}`, { json: [] }),
    send('importTokens', 'POST', `${P}/import/tokens`, {
      json: [
        {
          token_id: 'x',
          token_type: 'randomized',
          props: [words('property')],
          fields: { name: words('name') },
          scope: 's',
          created_at: '2020-01-01T00:00:00Z',
          modified_at: '2020-01-01T00:00:00Z',
        },
      ],
    }),
    send('rotateTokens', 'POST', `${P}/rotate/tokens?token_ids=${w('token id')}`),
    send('searchTokens', 'POST', `${P}/query/tokens`, {
      json: { token_ids: [words('token id')], tags: [words('tag')] },
    }),
    send('deleteObjectById', 'DELETE', `${P}/objects/${w('object id')}`),
    send('updateObjectById', 'PATCH', `${P}/objects/${w('object id')}`, { json }),
    send('addCollection', 'POST', '/ctl/collections', {
      raw: `people PERSONS ( "${words('schema')}`,
      type: 'application/pvschema',
    }),
    send('addCollection', 'POST', '/ctl/collections', {
      json: { name: words('-bad name-') + '!', type: 'PERSONS', properties: [] },
    }),
    send('getCollection', 'GET', `/ctl/collections/${w('collection')}`),
    send('getCollectionProperty', 'GET', `/ctl/collections/people/properties/${w('property')}`),
    send('addCollectionProperty', 'POST', `/ctl/collections/people/properties/${w('property')}!`, {
      json: { name: 'a', data_type_name: words('type') },
    }),
    send('getDataType', 'GET', `/ctl/types/${w('type')}`),
    send('getUser', 'GET', `/ctl/iam/user/${w('user')}`),
    send('regenerateUserApiKey', 'POST', '/ctl/iam/user/regen', { json: { name: words('user') } }),
    send('updateApiKeyExpiration', 'POST', '/ctl/iam/user/update-expiration', {
      json: { name: words('user'), expiration_secs: words('time') },
    }),
    send(
      'listAuditEntries',
      'GET',
      `/api/coatcheck/1.0/audit/entries?user=${w('user')}&object_id=${w('object id')}`,
    ),
    send(
      'listAuditEntries',
      'GET',
      `/api/coatcheck/1.0/audit/entries?${w('identifier as name')}=${w('value')}`,
    ),
    send('listAuditEntries', 'GET', `/api/coatcheck/1.0/audit/entries?cursor=${w('cursor')}`),
    send('exportAuditLog', 'GET', `/api/coatcheck/1.0/audit/export?format=${w('format')}&from=${w('from')}`),
    send('getConfVar', 'GET', `/system/confvar/${w('variable')}`),
    send('setConfVar', 'POST', `/system/confvar/${w('variable')}`, { json: { value: words('value') } }),
    send('setConfVar', 'POST', '/system/confvar/log_level', { json: { value: words('value') } }),
    send('setLicense', 'POST', '/system/info/license', { json: { [words('member')]: words('license') } }),
    send('garbageCollection', 'POST', `/system/admin/lifecycle/gc?filter=${w('filter')}`),
    send('listAuditEntries', 'GET', `/api/coatcheck/1.0/audit/entries?order=${w('order')}`),
    send('listAuditEntries', 'GET', '/api/coatcheck/1.0/audit/entries', {
      headers: { 'x-coatcheck-reason': words('purpose').repeat(20) },
    }),
    send('queryAuditEntries', 'POST', '/api/coatcheck/1.0/audit/query', {
      json: { token_id: words('token id'), subject: words('subject'), text: words('text') },
    }),
    send('queryAuditEntries', 'POST', '/api/coatcheck/1.0/audit/query', { json: { object_id: words('id') } }),
    send('countAuditEntries', 'GET', `/api/coatcheck/1.0/audit/counts?by=${w('key')}&user=${w('user')}`),
    send('replayAuditEntries', 'POST', '/api/coatcheck/1.0/audit/replay', {
      json: { iam: `a = [ "${words('TOML')}"`, from: '2020-01-01T00:00:00Z', to: '2021-01-01T00:00:00Z' },
    }),
    send('eraseAuditTexts', 'POST', '/api/coatcheck/1.0/audit/texts/erase', {
      json: { object_id: words('object id') },
    }),
    send(
      'listSubjectAccesses',
      'GET',
      `/api/coatcheck/1.0/subjects/${w('collection')}/${w('object id')}/accesses`,
    ),
    send('listSubjectAccesses', 'GET', `/api/coatcheck/1.0/subjects/people/${w('object id')}/accesses`),
    send('none', 'GET', `/${w('path')}`),
    send('none', 'POST', `/data/${w('path')}`, { json: { [words('member')]: 1 } }),
    send('none', 'PUT', `${P}/objects/${w('object id')}`, { json: { name: words('name') } }),
    send('listObjects', 'GET', `${P}/objects`, {
      headers: { 'x-trans-param': words('header'), 'idempotency-key': words('header') },
    }),
    send('listObjects', 'GET', `${P}/objects?options=unsafe`, {
      headers: { cookie: words('cookie'), referer: words('referer'), 'user-agent': words('agent') },
    }),
    send('listObjects', 'GET', `${P}/objects`, {
      key: null,
      headers: { authorization: `Basic ${words('header')}` },
    }),
    send('none', 'GET', '/ctl/collections', { headers: { 'x-forwarded-for': words('address') } }),
  ]);
  for (const { status } of all) expect(status).toBeLessThan(500 + 2);
  expect(all.filter(({ status }) => status === 500)).toEqual([]);
});

test.each([
  canary('ssn as name', '614-58-3949'),
  canary('mail as name', 'heron@canary.example'),
  canary('phone as name', '+12025550189'),
  canary('person as name', 'Quetzal Heronson'),
  canary('card as name', '4929123412341240'),
])('a value in place of a name is not even repeated to its caller: %s', async (value) => {
  const encoded = encodeURIComponent(value);
  for (const [operation, method, path, sent] of [
    ['addObject', 'POST', `${P}/objects`, { json: { [value]: 'x' } }],
    ['addObject', 'POST', `${P}/objects`, { raw: `{"${value}":1,"${value}":2}` }],
    ['addObject', 'POST', `${P}/objects?${encoded}=1`, { json: { name: 'x' } }],
    ['searchObjects', 'POST', `${P}/query/objects?options=unsafe`, { json: { [value]: {} } }],
    ['tokenize', 'POST', `${P}/tokens`, { json: [{ [value]: 1 }] }],
    ['getObjectById', 'GET', `${P}/objects/${randomUUID()}?props=${encoded}`, {}],
    ['getCollection', 'GET', `/ctl/collections/${encoded}`, {}],
    ['getUser', 'GET', `/ctl/iam/user/${encoded}`, {}],
  ] as const) {
    const answer = await send(operation, method, path, sent);
    expect(answer.text).not.toContain(value);
    expect([400, 404]).toContain(answer.status);
  }
});

test('a stored value that was tampered with is refused without being repeated', async () => {
  const name = words('tampered name');
  const { body } = await send('addObject', 'POST', `${P}/objects`, { json: { name } });
  await sql.query('update object set revision = revision + 1 where id = $1', [body.id]);
  expect((await send('getObjectById', 'GET', `${P}/objects/${body.id}?options=unsafe`)).status).toBe(410);
});

test('an error on purpose repeats nothing of the body that was sent with it', async () => {
  const json = { [words('member')]: words('value') };
  expect((await send('triggerError', 'POST', '/system/debug/error/trigger', { json })).status).toBe(500);
});

test('every operation that is built was called', () => {
  const built = Object.keys(OPERATIONS).filter(
    (id) => !contract.operations[id as keyof typeof contract.operations].planned,
  );
  expect(built.filter((id) => !used.has(id))).toEqual([]);
});

/** A canary as it could stand in text: plain, escaped, percent-encoded, as base64 (at any of three alignments) and hex. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const aligned = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    // The ends hold bits of what stands before and behind.
    return encoded.slice(shift === 0 ? 0 : 4, -4);
  });
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    bytes.toString('hex'),
    ...[...aligned, ...aligned.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))].filter(
      (text) => text.length >= 10,
    ),
  ];
}

/** Where canaries are found in texts: `use: place`. */
function found(places: readonly (readonly [place: string, text: string])[], except: RegExp = /^$/): string[] {
  const hits = new Set<string>();
  for (const [use, value] of canaries) {
    if (except.test(use)) continue;
    for (const form of new Set(formsOf(value))) {
      for (const [place, text] of places) if (text.includes(form)) hits.add(`${use}: ${place}`);
    }
  }
  return [...hits];
}

describe('afterwards', () => {
  test('the search below finds what is there', () => {
    const value = [...canaries.values()][0]!;
    for (const form of formsOf(value)) expect(found([['x', `…${form}…`]])).not.toEqual([]);
    expect(found([['x', Buffer.from(`ab${value}cd`).toString('base64')]])).not.toEqual([]);
    expect(canaries.size).toBeGreaterThan(100);
  });

  test("the operator's log holds none of them", () => {
    const logged = vault.logged();
    expect(logged.length).toBeGreaterThan(10_000);
    expect(logged).toContain('"message":"sql"');
    expect(found([['log', logged]])).toEqual([]);
  });

  test('no error answer repeats one of them, headers included', () => {
    expect(errors.length).toBeGreaterThan(80);
    const places = errors.map(
      ({ status, text, headers }, i) =>
        [`${i} ${status} ${text.slice(0, 90)}`, `${text}\n${JSON.stringify([...headers])}`] as const,
    );
    expect(found(places, /^identifier as/)).toEqual([]);
  });

  test('the metrics hold none of them', async () => {
    const metrics = await fetch(`${vault.url}/metrics`);
    expect(metrics.status).toBe(200);
    expect(found([['metrics', await metrics.text()]])).toEqual([]);
  });

  test('no column of any table holds one of them, as text, hex or base64', async () => {
    const places = await dump();
    expect(places.length).toBeGreaterThan(20);
    expect(found(places)).toEqual([]);
  });

  test("the access log and its projection say no value, no token and no key; the caller's words stand beside it alone", async () => {
    const places = (await dump()).filter(([place]) => place.startsWith('public.access_log'));
    expect(found(places)).toEqual([]);
    const texts = await sql.query<{ text: string }>(
      'select distinct text from access_log_text order by text',
    );
    expect(texts.map(({ text }) => text)).toEqual(['because', 'ticket']);
    const bytes = places.find(([place]) => place === 'public.access_log.bytes')![1];
    expect(bytes).not.toContain('"because"');
    expect(bytes).not.toContain('ticket');
  });
});

test('the words a caller chooses for the record are kept where they belong and nowhere else', async () => {
  const words = {
    adhoc: `Heron${randomUUID()}`,
    custom: `Heron${randomUUID()}`,
    request: `Heron${randomUUID()}`,
  };
  const answer = await vault.send(
    'GET',
    `${P}/count/objects?reason=Other&adhoc_reason=${words.adhoc}&custom_audit=${words.custom}`,
    {
      headers: { 'x-pvault-request-id': words.request },
      key: adminKey,
    },
  );
  expect(answer.status).toBe(200);
  const where = (value: string, places: readonly (readonly [string, string])[]): string[] =>
    places.filter(([, text]) => text.includes(value)).map(([place]) => place);
  await catchUp(vault.app.vault.database);
  const places = [...(await dump()), ['log', vault.logged()] as const];
  expect(where(words.adhoc, places)).toEqual(['public.access_log_text.text']);
  expect(where(words.custom, places)).toEqual(['public.access_log_text.text']);
  expect(where(words.request, places)).toEqual([
    'public.access_log.bytes',
    'public.access_log_projection.caller_request_id',
    'log',
  ]);
});

/** Every column of every table as one text: bytea both decoded and in hex. */
async function dump(): Promise<(readonly [place: string, text: string])[]> {
  const columns = await sql.query<{ schema: string; table: string; column: string; type: string }>(
    `select table_schema as schema, table_name as table, column_name as column, udt_name as type
       from information_schema.columns where table_schema in ('public', 'keystore', 'coatcheck_jobs') order by 1, 2, 3`,
  );
  const places: (readonly [string, string])[] = [];
  for (const { schema, table, column, type } of columns) {
    const rows = await sql.query<{ value: unknown }>(
      `select "${column}" as value from "${schema}"."${table}"`,
    );
    const texts = rows.map(({ value }) => {
      if (type === 'bytea')
        return `${(value as Buffer)?.toString('utf8')} ${(value as Buffer)?.toString('hex')}`;
      if (type === '_bytea')
        return ((value ?? []) as Buffer[])
          .map((each) => `${each.toString('utf8')} ${each.toString('hex')}`)
          .join(' ');
      return JSON.stringify(value);
    });
    places.push([`${schema}.${table}.${column}`, texts.join('\n')]);
  }
  return places;
}
