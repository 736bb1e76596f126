import type { Answer, Sent, TestVault } from '../../support/vault.js';

const PATHS = {
  encrypt: ['POST', 'encrypt/objects'],
  updateEncrypted: ['PATCH', 'encrypt/objects'],
  decrypt: ['POST', 'decrypt/objects'],
  encryptBlob: ['POST', 'encrypt/blob'],
  decryptBlob: ['POST', 'decrypt/blob'],
} as const;

/** Sends one of the crypto operations to the collection `users`, or another. `query` begins with `?`. */
export function ask(
  vault: TestVault,
  operation: keyof typeof PATHS,
  body: unknown,
  { query = '', collection = 'users', ...sent }: Sent & { query?: string; collection?: string } = {},
): Promise<Answer> {
  const [method, path] = PATHS[operation];
  const raw = body instanceof Uint8Array ? { raw: body, type: 'application/octet-stream' } : { json: body };
  return vault.send(method, `/data/collections/${collection}/${path}${query}`, { ...raw, ...sent });
}

type More = Parameters<typeof ask>[3];

/** Encrypts one item; returns the ciphertext. */
export async function encrypt(vault: TestVault, item: object, more: More = {}): Promise<string> {
  const answer = await ask(vault, 'encrypt', [item], more);
  if (answer.status !== 200) throw new Error(`expected 200, got ${answer.status}: ${answer.text}`);
  return (answer.body as [{ ciphertext: string }])[0].ciphertext;
}

/** Encrypts values given here; returns the ciphertext. */
export function encryptFields(
  vault: TestVault,
  fields: object,
  item: object = {},
  more: More = {},
): Promise<string> {
  return encrypt(vault, { object: { fields }, ...item }, more);
}

/** What the Admin gets of one ciphertext: its fields, or status and code. */
export async function decrypted(
  vault: TestVault,
  ciphertext: string,
  item: { scope?: string; props?: string[] } = {},
  more: More = {},
): Promise<unknown> {
  const { scope, ...rest } = item;
  const json = [{ encrypted_object: { ciphertext, ...(scope !== undefined && { scope }) }, ...rest }];
  const { status, body } = await ask(vault, 'decrypt', json, more);
  return status === 200 ? (body as [{ fields: object }])[0].fields : `${status} ${body.error_code}`;
}
