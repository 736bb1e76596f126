import { keyOf, setIam } from '../../support/iam.js';
import { addCollection } from '../../support/steps.js';
import type { Database, Statement } from '../../../src/store/database.js';
import type { TestVault } from '../../support/vault.js';

export const LOGIN = '/api/coatcheck/1.0/idp/auth0/post-login';
export const DELETED = '/api/coatcheck/1.0/idp/auth0/user-deleted';
const SCHEMA = `users PERSONS ( user_id STRING UNIQUE NULL, ssn SSN NULL, email EMAIL NULL, email_verified BOOLEAN NULL,
  birth_date DATE_OF_BIRTH NULL, phone PHONE_NUMBER NULL, notes JSON NULL )`;

/** IAM with a hook at Auth0 whose key may log people in, and one that may erase. `more` are lines of the hook. */
export function iam(more = '', { policies = '"store"' } = {}): string {
  return `[users]
hook = { role = "login" }
eraser = { role = "erase" }
stranger = { role = "login" }
importer = { role = "import" }
reader = { role = "reader" }

[roles.login]
capabilities = ["CapIdpHook"]
policies = [${policies}]
[roles.import]
capabilities = ["CapIdpImport"]
policies = [${policies}]
[roles.erase]
capabilities = ["CapIdpLifecycle"]
policies = ["erase"]
[roles.reader]
capabilities = ["CapDataReader"]
policies = ["read"]

[policies.store]
policy_type = "allow"
operations = ["write", "tokenize"]
reasons = ["AppFunctionality"]
resources = ["users/properties/*"]
[policies.store_some]
policy_type = "allow"
operations = ["write", "tokenize"]
reasons = ["*"]
resources = ["users/properties/user_id", "users/properties/ssn"]
[policies.erase]
policy_type = "allow"
operations = ["delete"]
reasons = ["*"]
resources = ["users/properties/*"]
[policies.read]
policy_type = "allow"
operations = ["read", "detokenize"]
reasons = ["*"]
resources = ["*"]

[idp_hooks.shop]
provider = "auth0"
issuer = "acme"
users = ["hook", "eraser", "importer"]
${more}
`;
}

export interface Keys {
  readonly hook: string;
  readonly eraser: string;
  readonly stranger: string;
  readonly importer: string;
  readonly reader: string;
}

/** A vault with the collection `users` and a hook at Auth0. */
export async function withHook(
  vault: TestVault,
  more = 'map = { "app_metadata.national_id" = "user_id" }',
): Promise<Keys> {
  await addCollection(vault, SCHEMA);
  await setIam(vault, iam(more));
  return {
    hook: await keyOf(vault, 'hook'),
    eraser: await keyOf(vault, 'eraser'),
    stranger: await keyOf(vault, 'stranger'),
    importer: await keyOf(vault, 'importer'),
    reader: await keyOf(vault, 'reader'),
  };
}

/** A post-login event as the Action sends it. */
export function loginOf(
  user: string,
  app_metadata: object,
  {
    profile = {},
    client_id = 'web',
    ...more
  }: { profile?: object; client_id?: string } & Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    tenant: { id: 'acme' },
    user: { user_id: `auth0|${user}`, app_metadata, ...profile },
    client: { client_id },
    connection: { name: 'Username-Password-Authentication', strategy: 'auth0' },
    ...more,
  };
}

/** What the vault holds under a token. */
export async function behind(vault: TestVault, token: unknown): Promise<Record<string, unknown> | undefined> {
  const path = `/data/collections/users/tokens?token_ids=${String(token)}`;
  const { body } = await vault.send('GET', path);
  return body[0]?.fields as Record<string, unknown> | undefined;
}

/** The values of an object without its id. */
export async function stored(vault: TestVault, id: string): Promise<Record<string, unknown>> {
  const { body } = await vault.send('GET', `/data/collections/users/objects/${id}?options=unsafe`);
  delete (body as { id?: string }).id;
  return body as Record<string, unknown>;
}

export async function objectsNow(vault: TestVault): Promise<number> {
  return (await vault.send('GET', '/data/collections/users/count/objects')).body.active;
}

/** The entries of an operation, oldest first. */
export async function entriesOf(
  vault: TestVault,
  operation = 'receiveIdpEvent',
): Promise<Record<string, unknown>[]> {
  const entries: Record<string, unknown>[] = [];
  for (let cursor = ''; ;) {
    const after = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await vault.send(
      'GET',
      `/api/coatcheck/1.0/audit/entries?operation=${operation}${after}`,
    );
    entries.push(...(body.entries as Record<string, unknown>[]));
    cursor = body.cursor as string;
    if (cursor === '') return entries.toReversed();
  }
}

/** Has `act` happen right after the next look at subjects: what is decided from it is decided from something that is over. */
export function afterNextLook(vault: TestVault, act: () => Promise<unknown>): void {
  const shared = vault.app.vault as { database: Database };
  const real = shared.database;
  async function run(statement: Statement): Promise<unknown[]> {
    const rows = await real.run(statement);
    if (statement.name === 'idp-subjects-find') {
      shared.database = real;
      await act();
    }
    return rows;
  }
  // Another database to whoever shares looks, or those of `act` would wait for this one.
  shared.database = new Proxy(real, {
    get(_, name) {
      const member: unknown = name === 'run' ? run : Reflect.get(real, name, real);
      return typeof member === 'function' ? (member.bind(real) as unknown) : member;
    },
  });
}
