import pg from 'pg';
import type { Answer, Sent, TestVault } from './vault.js';

/** Optional properties of several types: unique, indexed, and neither. */
const USERS = `users PERSONS (
  name NAME NULL, ssn SSN UNIQUE NULL, email EMAIL NULL, phone_number PHONE_NUMBER INDEX NULL,
  zip_code_us ZIP_CODE_US NULL, birthday DATE_OF_BIRTH NULL );`;

/** An id that no object has. */
export const NOWHERE = '00000000-0000-4000-8000-000000000000';

/** Adds a collection from its PVSchema. */
export async function addCollection(vault: TestVault, pvschema: string = USERS): Promise<void> {
  succeeded(await vault.send('POST', '/ctl/collections', { raw: pvschema, type: 'application/pvschema' }));
}

/** Adds an object; returns its id. `query` begins with `?`. */
export async function addObject(
  vault: TestVault,
  json: object,
  { collection = 'users', query = '', ...sent }: { collection?: string; query?: string } & Sent = {},
): Promise<string> {
  const path = `/data/collections/${collection}/objects${query}`;
  return (succeeded(await vault.send('POST', path, { json, ...sent })).body as { id: string }).id;
}

/** The fields of an object without its id: `query` is `unsafe` unless it says otherwise. */
export async function fieldsOf(vault: TestVault, id: string, query = '?options=unsafe'): Promise<unknown> {
  const { body } = succeeded(await vault.send('GET', `/data/collections/users/objects/${id}${query}`));
  delete (body as { id?: string }).id;
  return body;
}

/** Makes one token; returns its id. */
export async function tokenize(
  vault: TestVault,
  request: Record<string, unknown>,
  { query = '', ...sent }: { query?: string } & Sent = {},
): Promise<string> {
  const json = [{ type: 'randomized', ...request }];
  const path = `/data/collections/users/tokens${query}`;
  return (succeeded(await vault.send('POST', path, { json, ...sent })).body as [{ token_id: string }])[0]
    .token_id;
}

/** What a detokenization answers. `query` stands behind the `?`. */
export async function detokenize(vault: TestVault, query: string): Promise<unknown> {
  return succeeded(await vault.send('GET', `/data/collections/users/tokens?${query}`)).body;
}

/** Status, code and context of a refusal. */
export function refusal(answer: Answer): [status: number, code: string, context: Record<string, string>] {
  const { error_code, context } = answer.body as { error_code: string; context: Record<string, string> };
  return [answer.status, error_code, context];
}

/** Status and code of a refusal. */
export function refused(answer: Answer): string {
  return `${answer.status} ${(answer.body as { error_code?: string } | undefined)?.error_code ?? ''}`;
}

/** Runs a statement on the vault's database, past the vault. */
export async function sql(vault: TestVault, text: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: vault.database.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text, values)).rows as unknown[];
  } finally {
    await client.end();
  }
}

function succeeded(answer: Answer): Answer {
  if (answer.status !== 200) throw new Error(`expected 200, got ${answer.status}: ${answer.text}`);
  return answer;
}
