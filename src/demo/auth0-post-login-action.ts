import type { PostLoginApi, PostLoginEvent } from './auth0-types.js';

/** Where metadata goes in the vault. `user_id` is forbidden as a metadata key at Auth0, hence `national_id`. */
const VAULT_PROPERTIES = { national_id: 'user_id', ssn: 'ssn' } as const;

/** Tokens outlive Auth0's access token (a day) by a minute, then they are gone: one a login would pile up. */
const TOKEN_SECONDS = 24 * 3600 + 60;

/** The user is waiting. */
const TIMEOUT_MS = 1_500;

/**
 * Auth0 post-login Action: moves PII from the metadata into the vault and puts a token of it into the access token. One Action
 * does both, because Auth0 writes metadata only at the end: a second one would not see the object id at the first login.
 * A vault that is down never breaks a login: the PII stays where it is until the next one, and the claim is left out.
 */
export async function onExecutePostLogin(event: PostLoginEvent, api: PostLoginApi): Promise<void> {
  try {
    const objectId = await vaultedObject(event, api);
    if (objectId === undefined) return;

    const [token] = await callVault<{ token_id: string }[]>(
      event,
      'POST',
      `tokens?reason=AppFunctionality&expiration_secs=${TOKEN_SECONDS}`,
      [{ type: 'randomized', object: { id: objectId }, props: Object.values(VAULT_PROPERTIES) }],
    );
    api.accessToken.setCustomClaim(`${event.secrets.CLAIM_NAMESPACE}/pii_token`, token!.token_id);
  } catch (error) {
    // Auth0 keeps this line in the tenant's log: never a message, which may quote the vault's answer or our request.
    // eslint-disable-next-line no-console
    console.log(`login without a PII token: ${(error as Error).name}`);
  }
}

/** The id of the user's object. PII that is still in the metadata is stored first and, once the vault has it, removed there. */
async function vaultedObject(event: PostLoginEvent, api: PostLoginApi): Promise<string | undefined> {
  const metadata = event.user.app_metadata;
  const linked = metadata.pii_object_id as string | undefined;
  const found = Object.entries(VAULT_PROPERTIES).filter(([name]) => (metadata[name] ?? '') !== '');
  if (found.length === 0) return linked;

  const fields = Object.fromEntries(found.map(([name, property]) => [property, metadata[name]]));
  const objectId = linked ?? (await addObject(event, fields));
  if (linked) await callVault(event, 'PATCH', `objects/${linked}?reason=AppFunctionality`, fields);

  api.user.setAppMetadata('pii_object_id', objectId);
  for (const [name] of found) api.user.setAppMetadata(name, null);
  return objectId;
}

/** Stores a new object. Two first logins at the same time, or a retry, get the same one: they have the same key. */
async function addObject(event: PostLoginEvent, fields: Record<string, unknown>): Promise<string> {
  const idempotencyKey = `first login of ${encodeURIComponent(event.user.user_id)}`;
  const path = 'objects?reason=AppFunctionality';
  const { id } = await callVault<{ id: string }>(event, 'POST', path, fields, idempotencyKey);
  return id;
}

/** One request to the collection `users`. Throws an error without the vault's words for any answer but 200. */
async function callVault<T>(
  event: PostLoginEvent,
  method: string,
  path: string,
  body: unknown,
  idempotencyKey?: string,
): Promise<T> {
  const response = await fetch(`${event.secrets.VAULT_URL}/api/pvlt/1.0/data/collections/users/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${event.secrets.VAULT_API_KEY}`,
      'content-type': 'application/json',
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) {
    throw Object.assign(new Error(), { name: `the vault answered ${response.status}` });
  }
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
