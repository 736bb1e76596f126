import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { PreTokenEvent } from '../../src/idp/bundles/cognito-types.js';
import { behind, entriesOf, iam, objectsNow, stored, withHook } from '../operations/idp/support.js';
import { keyOf, setIam } from '../support/iam.js';
import { until } from '../support/until.js';
import { type TestVault, startVault } from '../support/vault.js';
import { loadLambda } from './sandbox.js';
import { close, freePort, listening } from './servers.js';

/*
 * Whole logins with Amazon's own client, against cognito-local, which calls the function as a Lambda. It needs 150 MB of packages, one of which has an install script, so it is no dependency of the project: where COGNITO_LOCAL
 * names a folder in which `npm i --ignore-scripts cognito-local@5 @aws-sdk/client-cognito-identity-provider@3` was run, this runs.
 */

const ROOT = process.env.COGNITO_LOCAL ?? '/nowhere';
const isThere = existsSync(path.join(ROOT, 'node_modules/cognito-local'));
const LINK = 'custom:pii_object_id';
const CLAIM = 'https://shop.example/pii_token';
const SSN = '612-58-3947';
const PASSWORD = 'Correct-horse-1';

type Answer = Record<string, unknown>;
interface Client {
  send(command: object): Promise<Answer>;
}
type Sdk = Record<string, new (input: object) => Client>;

let vault: TestVault;
let lambda: Server;
let emulator: ChildProcess;
let folder: string;
let sdk: Sdk;
let client: Client;
let pool: string;
let app: string;
const said: string[] = [];
const tokens: string[] = [];
/** What the function is given besides, by each login. */
let secrets: Record<string, string> = {};

const ask = (command: string, input: object): Promise<Answer> =>
  client.send(new sdk[`${command}Command`]!(input));

(isThere ? beforeAll : () => undefined)(async () => {
  vault = await startVault();
  await withHook(vault);
  folder = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-cognito-'));
  sdk = createRequire(path.join(ROOT, 'x.js'))('@aws-sdk/client-cognito-identity-provider') as Sdk;
  const key = (): Promise<string> => keyOf(vault, 'cognito');

  let apiKey = '';
  lambda = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const env = { COATCHECK_URL: vault.url, COATCHECK_API_KEY: apiKey, COATCHECK_CLAIM: CLAIM, ...secrets };
      const loaded = loadLambda<PreTokenEvent>(env, () => ({
        ...sdk,
        CognitoIdentityProviderClient: local(),
      }));
      loaded
        .handler(JSON.parse(Buffer.concat(chunks).toString()) as PreTokenEvent)
        .then(
          (event) => response.end(JSON.stringify(event)),
          (error: unknown) =>
            response
              .writeHead(200, { 'x-amz-function-error': 'Unhandled' })
              .end(JSON.stringify({ errorMessage: (error as Error).message })),
        )
        .finally(() => said.push(...loaded.said));
    });
  });
  const endpoint = await listening(lambda);
  const port = await freePort();
  mkdirSync(path.join(folder, '.cognito'));
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const config = {
    LambdaClient: { endpoint, region: 'local', credentials },
    TriggerFunctions: { PreTokenGeneration: 'hook' },
    ServerConfig: { hostname: '127.0.0.1', port },
  };
  writeFileSync(path.join(folder, '.cognito/config.json'), JSON.stringify(config));
  emulator = spawn(process.execPath, [path.join(ROOT, 'node_modules/cognito-local/lib/bin/start.js')], {
    cwd: folder,
    env: { ...process.env, CODE: '1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
  });
  const url = `http://127.0.0.1:${port}`;
  function local(): new (given: object) => Client {
    return class extends sdk.CognitoIdentityProviderClient! {
      constructor(given: object) {
        super({ ...given, endpoint: url, region: 'local', credentials });
      }
    };
  }
  client = new (local())({});
  await until('cognito-local answers', async () =>
    fetch(`${url}/health`).then(
      () => true,
      () => false,
    ),
  );

  const attribute = (Name: string): object => ({ Name, AttributeDataType: 'String', Mutable: true });
  const Schema = ['ssn', 'theme', 'pii_object_id'].map(attribute);
  const made = (await ask('CreateUserPool', { PoolName: 'shop', Schema })) as { UserPool: { Id: string } };
  pool = made.UserPool.Id;
  const flows = { ClientName: 'web', ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] };
  const web = (await ask('CreateUserPoolClient', { UserPoolId: pool, ...flows })) as {
    UserPoolClient: { ClientId: string };
  };
  app = web.UserPoolClient.ClientId;
  const hook = `
[users.cognito]
role = "login"
[idp_hooks.cognito]
provider = "cognito"
issuer = "${pool}"
users = ["cognito"]
`;
  await setIam(vault, iam() + hook);
  apiKey = await key();
}, 60_000);
(isThere ? afterAll : () => undefined)(async () => {
  emulator.kill();
  await close(lambda);
  await vault.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => void (secrets = {}));

interface Tokens {
  readonly IdToken: string;
  readonly AccessToken: string;
  readonly RefreshToken: string;
}

async function started(flow: object): Promise<{ claims: Answer; refresh: string }> {
  const { AuthenticationResult } = await ask('InitiateAuth', { ClientId: app, ...flow });
  const { IdToken, AccessToken, RefreshToken } = AuthenticationResult as Tokens;
  tokens.push(...[IdToken, AccessToken, RefreshToken].filter(Boolean));
  const claims = JSON.parse(Buffer.from(IdToken.split('.')[1]!, 'base64url').toString()) as Answer;
  return { claims, refresh: RefreshToken };
}
const login = (USERNAME: string): ReturnType<typeof started> =>
  started({ AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD } });
const refreshed = (REFRESH_TOKEN: string): ReturnType<typeof started> =>
  started({ AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN } });

async function addUser(Username: string): Promise<void> {
  const whose = { UserPoolId: pool, Username };
  const UserAttributes = Object.entries({
    email: Username,
    'custom:ssn': SSN,
    'custom:theme': 'dark',
  });
  await ask('AdminCreateUser', {
    ...whose,
    UserAttributes: UserAttributes.map(([Name, Value]) => ({ Name, Value })),
    MessageAction: 'SUPPRESS',
  });
  await ask('AdminSetUserPassword', { ...whose, Password: PASSWORD, Permanent: true });
}
async function attributesOf(Username: string): Promise<Record<string, string>> {
  const { UserAttributes } = await ask('AdminGetUser', { UserPoolId: pool, Username });
  const list = UserAttributes as { Name: string; Value: string }[];
  return Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));
}

(isThere ? describe : describe.skip)('cognito-local', () => {
  test('a login moves the data, tokens have the claim and no value, and what the pool put back goes at the next', async () => {
    await addUser('ada@example.com');
    const before = await objectsNow(vault);
    const first = await login('ada@example.com');
    const values = { ssn: SSN, email: 'ada@example.com' };
    expect(await behind(vault, first.claims[CLAIM])).toMatchObject(values);
    // It saves its own copy of the user after the trigger; a refresh puts that right.
    const second = await refreshed(first.refresh);
    expect(await behind(vault, second.claims[CLAIM])).toMatchObject(values);
    await login('ada@example.com');
    const now = await attributesOf('ada@example.com');
    expect(now).toMatchObject({
      email: 'ada@example.com',
      'custom:theme': 'dark',
      [LINK]: expect.any(String),
    });
    expect(now).not.toHaveProperty('custom:ssn');
    expect(await stored(vault, now[LINK]!)).toMatchObject(values);
    expect(await objectsNow(vault)).toBe(before + 1);
  });

  test('with the vault away a login works, or is refused without a reason; a refresh never is', async () => {
    await addUser('ben@example.com');
    const { refresh } = await login('ben@example.com');
    // As above; until then the pool itself shows in ID tokens what it has.
    await refreshed(refresh);
    secrets = { COATCHECK_URL: 'http://127.0.0.1:1' };
    expect((await login('ben@example.com')).claims).not.toHaveProperty(CLAIM);
    secrets = { ...secrets, COATCHECK_ON_ERROR: 'deny' };
    await expect(login('ben@example.com')).rejects.toThrow(/pii_vault_unavailable/);
    expect((await refreshed(refresh)).claims).not.toHaveProperty(CLAIM);
  });

  test('no seeded value is in a token, in a line of the function, in the access log or in the vault’s', async () => {
    const parts = tokens.flatMap((token) => [
      token,
      ...token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1')),
    ]);
    expect(tokens.length).toBeGreaterThan(10);
    const places = [...parts, ...said, vault.logged(), JSON.stringify(await entriesOf(vault))];
    const shapes = [SSN, encodeURIComponent(SSN), Buffer.from(SSN).toString('base64').slice(0, -4)];
    for (const shape of shapes) expect(places.filter((place) => place.includes(shape))).toEqual([]);
  });
});
