import { readFileSync } from 'node:fs';
import path from 'node:path';
import { keyOf, setIam } from '../support/iam.js';
import { claimsOf, rsaKey, signed } from '../support/jwt.js';
import { hookToken } from './frontegg-events.js';
import { type Answer, type TestVault, startVault } from '../support/vault.js';
import type { PreTokenEvent } from '../../src/idp/bundles/cognito-types.js';
import type { CustomJwt, PostSignIn, PostSignInResult } from '../../src/idp/bundles/logto-types.js';
import { program } from '../../src/cli/program.js';
import { collecting, loadAction, loadLambda, loadWorker } from './sandbox.js';

/** The guides, followed: what stands in their blocks is what runs. */
const page = (name: string): string =>
  readFileSync(path.resolve(import.meta.dirname, '../../docs/idp', name), 'utf8');

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp('```' + language + '\\n([\\s\\S]*?)```', 'g'))].map(
    ([, block]) => block!,
  );
}

const auth0 = page('auth0.md');
const oidc = page('generic-oidc.md');
const [schema] = blocks(auth0, 'pvschema');
const [iam, eraser] = blocks(auth0, 'toml');
const [hook] = blocks(oidc, 'toml');
const cognito = page('cognito.md');
const [pool] = blocks(cognito, 'toml');
const entra = page('entra.md');
const microsoft = rsaKey('microsoft');
const directory = blocks(entra, 'toml')[0]!.replace(
  /^jwks_uri = .*$/m,
  `keys = '${JSON.stringify({ keys: [microsoft.jwk] })}'`,
);
const exchange = page('token-exchange.md');
const adfs = rsaKey('adfs');
const [exchanging] = blocks(exchange, 'toml').map((text) =>
  text.replace(/^jwks_uri .*$/m, `keys = '${JSON.stringify({ keys: [adfs.jwk] })}'`),
);
const frontegg = page('frontegg.md');
const ory = page('ory.md');
const okta = page('okta.md');
const [org] = blocks(okta, 'toml');
const keycloak = page('keycloak.md');
const logto = page('logto.md');
const [tenant] = blocks(logto, 'toml');

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
  const made = await vault.send('POST', '/ctl/collections?format=pvschema', {
    raw: schema!,
    type: 'application/pvschema',
  });
  expect(made.status).toBe(200);
  const users = 'users    = ["auth0_hook"]';
  const erasing = iam!.replace(users, users.replace(']', ', "auth0_eraser"]'));
  await setIam(
    vault,
    `${erasing}\n${eraser}\n${hook}\n${pool}\n${tenant}\n${org}\n${directory}\n${blocks(ory, 'toml')[0]}\n${blocks(frontegg, 'toml')[0]}\n${exchanging}`,
  );
});
afterAll(() => vault.close());

async function exchanged(token: unknown): Promise<unknown> {
  const key = await keyOf(vault, 'billing');
  const target = `/data/collections/users/tokens?token_ids=${String(token)}&props=ssn&reason=AppFunctionality`;
  return (await vault.send('GET', target, { key })).body;
}

test('auth0.md: a login moves the data, and the service of the guide gets what its role shows', async () => {
  const { api, done } = collecting();
  const { action, said } = loadAction();
  await action(
    {
      user: {
        user_id: 'auth0|1',
        app_metadata: { national_id: '45860945864', ssn: '123-12-1234' },
        email: 'ada@example.com',
      },
      client: { client_id: 'web' },
      tenant: { id: 'acme' },
      secrets: {
        COATCHECK_URL: vault.url,
        COATCHECK_API_KEY: await keyOf(vault, 'auth0_hook'),
        COATCHECK_CLAIM: 'https://example.com/pii_token',
      },
    },
    api,
  );
  expect(said).toEqual([]);
  expect(done.app).toEqual({ pii_object_id: expect.any(String), national_id: null, ssn: null });
  const token = done.claims['https://example.com/pii_token'];
  expect(await exchanged(token)).toEqual([{ token_id: token, fields: { ssn: '123-12-1234' } }]);
});

test('auth0.md: a deletion, reported as the guide says, erases', async () => {
  const [event] = /\{"tenant".*\}\}/.exec(auth0)!;
  const answer = await vault.send('POST', '/api/coatcheck/1.0/idp/auth0/user-deleted', {
    raw: event,
    type: 'application/json',
    key: await keyOf(vault, 'auth0_eraser'),
  });
  expect(answer.body).toEqual({ write: {}, scrub: [], warnings: [] });
});

test('generic-oidc.md: the event of the guide gets the answer of the guide', async () => {
  const event = /-d '(\{"iss".*\})'/.exec(oidc)![1]!;
  const answer = await vault.send('POST', '/api/coatcheck/1.0/idp/oidc/login', {
    raw: event,
    type: 'application/json',
    key: await keyOf(vault, 'auth0_hook'),
  });
  const shown = JSON.parse(blocks(oidc, 'json')[0]!) as Record<string, unknown>;
  expect(answer.body).toEqual({
    ...shown,
    write: { pii_object_id: expect.any(String) },
    token: expect.any(String),
  });
});

test('cognito.md: the hook of the guide takes what the function sends', async () => {
  const { handler, said } = loadLambda<PreTokenEvent>(
    { COATCHECK_URL: vault.url, COATCHECK_API_KEY: await keyOf(vault, 'auth0_hook') },
    () => ({
      CognitoIdentityProviderClient: class {
        send = async (): Promise<void> => undefined;
      },
      AdminUpdateUserAttributesCommand: Object,
      AdminDeleteUserAttributesCommand: Object,
    }),
  );
  const userAttributes = { sub: 'a-sub', 'custom:ssn': '123-12-1234', 'custom:national_id': '17' };
  const { response } = await handler({
    ...{ version: '2', triggerSource: 'TokenGeneration_Authentication', userPoolId: 'eu-west-1_Ab3dEf5gH' },
    ...{ userName: 'ada', callerContext: { clientId: 'web' }, request: { userAttributes }, response: {} },
  });
  const { accessTokenGeneration, idTokenGeneration } = response.claimsAndScopeOverrideDetails!;
  const token = accessTokenGeneration!.claimsToAddOrOverride!.pii_token;
  expect([said, idTokenGeneration!.claimsToSuppress!.toSorted()]).toEqual([
    [],
    ['custom:national_id', 'custom:ssn'],
  ]);
  expect(await exchanged(token)).toEqual([{ token_id: token, fields: { ssn: '123-12-1234' } }]);
});

test('okta.md: the events of the guide get the answers of the guide, and the address can be verified', async () => {
  const [registers, moved, token, patched] = blocks(okta, 'json');
  const key = await keyOf(vault, 'auth0_hook');
  const call = async (name: string, event: string): Promise<string> => {
    const now = event.replace(/"eventTime": "[^"]+"/, `"eventTime": "${new Date().toISOString()}"`);
    const sent = { raw: now, type: 'application/json', key };
    return (await vault.send('POST', `/api/coatcheck/1.0/idp/okta/${name}`, sent)).text;
  };
  const registered = await call('registration', registers!);
  const link = /"pii_object_id":"([^"]+)"/.exec(registered)![1]!;
  expect(JSON.parse(registered.replace(link, '…'))).toEqual(JSON.parse(moved!));

  const issued = await call('token', token!.replace('…', link));
  const value = /"value":"([^"]+)"/.exec(issued)![1]!;
  expect(JSON.parse(issued.replace(value, '…'))).toEqual(JSON.parse(patched!));
  expect(await exchanged(value)).toEqual([{ token_id: value, fields: { ssn: '123-12-1234' } }]);

  const [, name, challenge] = /-H '(X-Okta[^:]+): (\w+)'/.exec(okta)!;
  const headers = { [name!]: challenge! };
  const verified = await vault.send('GET', '/api/coatcheck/1.0/idp/okta/events', { key: null, headers });
  expect(verified.body).toEqual({ verification: challenge });
});

test('ory.md: Kratos and Hydra get the answers of the guide, for one object', async () => {
  const [registers, moved, hooked, claims] = blocks(ory, 'json');
  const key = await keyOf(vault, 'auth0_hook');
  const call = async (name: string, raw: string): Promise<string> => {
    const sent = { raw, type: 'application/json', key };
    return (await vault.send('POST', `/api/coatcheck/1.0/idp/ory/${name}`, sent)).text;
  };
  const registered = await call('registration', registers!);
  const link = /"pii_object_id":"([^"]+)"/.exec(registered)![1]!;
  expect(JSON.parse(registered.replace(link, '…'))).toEqual(JSON.parse(moved!));

  const issued = await call('token-hook', hooked!);
  const value = /"pii_token":"([^"]+)"/.exec(issued)![1]!;
  expect(JSON.parse(issued.replace(value, '…'))).toEqual(JSON.parse(claims!));
  expect(await exchanged(value)).toEqual([{ token_id: value, fields: { ssn: '123-12-1234' } }]);
});

test('frontegg.md: a prehook that is signed with the secret of the guide gets the answer of the guide', async () => {
  const [event, shown] = blocks(frontegg, 'json');
  const [setting] = blocks(frontegg, 'sh');
  const secret = 'a secret of thirty-three random bytes';
  const raw = /-d "(.+)"/.exec(setting!)![1]!.replaceAll('\\"', '"').replace('$SECRET', secret);
  const [, target] = /\$VAULT(\S+)"/.exec(setting!)!;
  expect((await vault.send('POST', target!, { raw, type: 'application/json' })).status).toBe(200);
  const answer = await vault.send('POST', '/api/coatcheck/1.0/idp/frontegg/jwt', {
    ...{ raw: event!, type: 'application/json', key: null },
    headers: { 'x-webhook-secret': hookToken(secret) },
  });
  const value = /"pii_token":"([^"]+)"/.exec(answer.text)![1]!;
  expect(JSON.parse(answer.text.replace(value, '…'))).toEqual(JSON.parse(shown!));
  expect(await exchanged(value)).toEqual([{ token_id: value, fields: { ssn: '123-12-1234' } }]);
});

test('token-exchange.md: a token of the guide is exchanged with the command of the guide', async () => {
  const issuer = /iss += "([^"]+)"/.exec(exchanging!)![1]!;
  const claims = { iss: issuer, aud: 'web', ssn: '123-12-1234', employee_id: '19' };
  const form = new URLSearchParams(
    [...exchange.matchAll(/-d ([a-z_]+)=(\S+)/g)].map(([, name, value]): [string, string] => [
      name!,
      value === '"$ACCESS_TOKEN"' ? signed(adfs, claimsOf('an-employee', claims)) : value!,
    ]),
  );
  const answer = await vault.send('POST', '/api/coatcheck/1.0/idp/oidc/token-exchange', {
    raw: form.toString(),
    type: 'application/x-www-form-urlencoded',
    key: await keyOf(vault, 'backend'),
  });
  const { access_token: token, expires_in: seconds } = answer.body as Record<string, string | number>;
  const shown = JSON.parse(blocks(exchange, 'json')[0]!) as { expires_in: number };
  expect({ ...answer.body, access_token: '…', expires_in: shown.expires_in }).toEqual(shown);
  expect(Number(seconds)).toBeLessThanOrEqual(shown.expires_in);
  expect(await exchanged(token)).toEqual([{ token_id: token, fields: { ssn: '123-12-1234' } }]);
});

test('entra.md: the event of the guide, signed as the guide says, gets the answer of the guide', async () => {
  const [event, shown] = blocks(entra, 'json');
  const said = (name: string): string => new RegExp(`${name} = "([^"]+)"`).exec(directory)![1]!;
  const claims = { iss: said('iss'), aud: said('aud'), azp: said('azp') };
  const answer = await vault.send('POST', '/api/coatcheck/1.0/idp/entra/token-issuance-start', {
    raw: event!,
    type: 'application/json',
    key: signed(microsoft, claimsOf('a-service', claims)),
  });
  const value = /"piiToken":"([^"]+)"/.exec(answer.text)![1]!;
  expect(JSON.parse(answer.text.replace(value, '…'))).toEqual(JSON.parse(shown!));
  expect(await exchanged(value)).toEqual([{ token_id: value, fields: {} }]);
});

test('logto.md: both scripts, with the hook of the guide', async () => {
  const environmentVariables = {
    COATCHECK_URL: vault.url,
    COATCHECK_API_KEY: await keyOf(vault, 'auth0_hook'),
    LOGTO_ISSUER: /issuer   = "(https:[^"]+)"/.exec(tenant!)![1]!,
  };
  const user = { id: 'abc123', customData: { ssn: '123-12-1234', national_id: '18' } };
  const { run } = loadWorker<(given: PostSignIn) => Promise<PostSignInResult>>(
    'logto-post-sign-in.js',
    'runAction',
  );
  const result = await run({ event: { user }, environmentVariables });
  expect(result!.user.customData).toEqual({
    ssn: null,
    national_id: null,
    pii_object_id: expect.any(String),
  });

  const made = loadWorker<(given: CustomJwt) => Promise<Record<string, string>>>(
    'logto-custom-jwt.js',
    'getCustomJwtClaims',
  );
  const denyAccess = (): never => {
    throw new Error('denied');
  };
  const { pii_token: token } = await made.run({
    token: { jti: 'j', clientId: 'web', gty: 'authorization_code' },
    context: { user: { ...user, customData: result!.user.customData! } },
    ...{ environmentVariables, api: { denyAccess } },
  });
  expect(made.said).toEqual([]);
  expect(await exchanged(token)).toEqual([{ token_id: token, fields: { ssn: '123-12-1234' } }]);
});

test('migrating.md: the role is one a hook may have, and its commands are understood', async () => {
  const text = page('migrating.md');
  const [importer] = blocks(text, 'toml');
  const users = 'users    = ["auth0_hook"]';
  await setIam(vault, `${iam!.replace(users, users.replace(']', ', "importer"]'))}\n${importer}\n`);
  const { body } = await vault.send('GET', '/api/coatcheck/1.0/idp/auth0/hook?issuer=acme', {
    key: await keyOf(vault, 'importer'),
  });
  expect(body.capabilities).toEqual(['CapIdpImport']);
  const restorer = blocks(text, 'toml').find((block) => block.includes('CapIdpRestore'));
  const [, keep] = /^ *(keep = .*)$/m.exec(text)!;
  const going = iam!.replace(users, `${users.replace(']', ', "restorer"]')}\n${keep}`);
  await setIam(vault, `${going}\n${restorer}\n`);
  const described = await vault.send('GET', '/api/coatcheck/1.0/idp/auth0/hook?issuer=acme', {
    key: await keyOf(vault, 'restorer'),
  });
  expect(described.body).toMatchObject({
    capabilities: ['CapIdpRestore'],
    keep: ['app_metadata.ssn', 'app_metadata.national_id'],
  });

  const idp = program({} as never).commands.find((each) => each.name() === 'idp')!;
  const lines = [...text.matchAll(/coatcheck idp (\w+) (.*)/g)].map(
    ([, name, rest]) => [name!, rest!] as const,
  );
  expect(lines.length).toBeGreaterThan(5);
  for (const [name, rest] of lines) {
    const command = idp.commands.find((each) => each.name() === name)!;
    const known = command.options.map(({ long }) => long);
    expect(
      [...rest.matchAll(/--[\w-]+/g)].map(([option]) => option).filter((each) => !known.includes(each)),
    ).toEqual([]);
  }
});

test('profiles.md: a login says what the guide says it does', async () => {
  const [profile] = blocks(page('profiles.md'), 'toml');
  await setIam(vault, `${iam}\n${profile}`);
  const claim = /claim += "([^"]+)"/.exec(profile!)![1]!;
  const login = async (app_metadata: object, email?: string): Promise<unknown> => {
    const { body } = await vault.send('POST', '/api/coatcheck/1.0/idp/auth0/post-login', {
      json: {
        tenant: { id: 'acme' },
        user: { user_id: 'auth0|profile', app_metadata, email },
        client: { client_id: 'web' },
      },
      key: await keyOf(vault, 'auth0_hook'),
    });
    return body.profile;
  };
  expect(await login({ ssn: '123-12-1234' })).toEqual({ claim, complete: false });
  expect(await login({}, 'profile@example.com')).toEqual({ claim, complete: true });
});

test('smart-on-fhir.md: an app gets the raw user id, the support desk a masked number, others nothing', async () => {
  const signing = rsaKey('k1');
  const text = page('smart-on-fhir.md');
  const conf = blocks(text, 'toml')[0]!.replace(
    /jwks_uri = .*/,
    `keys = '${JSON.stringify({ keys: [signing.jwk] })}'`,
  );
  await setIam(vault, `${iam}\n${conf}`);
  const { body } = await vault.send('POST', '/api/coatcheck/1.0/idp/auth0/post-login', {
    json: {
      tenant: { id: 'acme' },
      user: { user_id: 'auth0|fhir', app_metadata: { national_id: '45860945865', ssn: '123-12-1234' } },
      client: { client_id: 'app' },
    },
    key: await keyOf(vault, 'auth0_hook'),
  });
  const exchange = (scope: string, query: string, more: object = {}): Promise<Answer> =>
    vault.send('GET', `/data/collections/users/tokens?token_ids=${String(body.token)}${query}`, {
      key: signed(signing, {
        ...claimsOf('patient-1', { iss: 'https://fhir.example.com', aud: 'pii-vault', scope, ...more }),
      }),
    });
  const app = 'openid fhirUser launch/patient patient/Patient.rs';
  const raw = await exchange(app, '&props=user_id&reason=AppFunctionality');
  expect(raw.body).toEqual([{ token_id: body.token, fields: { user_id: '45860945865' } }]);
  const desk = await exchange('openid user/Patient.rs', '&props=user_id,ssn&reason=AccountManagement');
  expect(desk.body).toEqual([
    { token_id: body.token, fields: { user_id: '45860945865', ssn: '***-**-1234' } },
  ]);
  for (const refusal of [
    await exchange(app, '&props=ssn&reason=AppFunctionality'),
    await exchange(app, '&reason=AppFunctionality'),
    await exchange('openid user/Patient.rs', '&props=ssn&reason=Marketing'),
    await exchange('openid patient/Observation.rs', '&props=user_id&reason=AppFunctionality'),
  ])
    expect(refusal.status).toBe(403);
  for (const unknown of [{ aud: 'fhir-server' }, { iss: 'https://other.example' }, { exp: 1 }])
    expect((await exchange(app, '&props=user_id&reason=AppFunctionality', unknown)).status).toBe(401);
  const other = { 'https://app.piiano.io/prop/id': '0b9f7a52-0000-4000-8000-000000000000' };
  expect((await exchange(app, '&props=user_id&reason=AppFunctionality', other)).status).not.toBe(200);
  const own = { 'https://app.piiano.io/prop/id': body.write.pii_object_id as string };
  expect((await exchange(app, '&props=user_id&reason=AppFunctionality', own)).status).toBe(200);
});

test('every setting that the guides name is one that the hooks read', () => {
  const sources = [
    'hook-settings.ts',
    'auth0-custom-db.ts',
    'auth0-custom-db-login.ts',
    'auth0-custom-db-get-user.ts',
    'legacy-users.ts',
    'logto-post-sign-in.ts',
    'keycloak/vault.js',
    'keycloak/authenticator.js',
  ]
    .map((name) => readFileSync(path.resolve(import.meta.dirname, '../../src/idp/bundles', name), 'utf8'))
    .join('\n');
  const named = new Set(
    [
      ...(auth0 + oidc + cognito + keycloak + logto).matchAll(
        /\b(COATCHECK_[A-Z_]+|LEGACY_[A-Z_]+|AUTH0_TENANT|LOGTO_ISSUER)\b/g,
      ),
    ].map(([name]) => name),
  );
  expect([...named].filter((name) => !sources.includes(name))).toEqual([]);
});
