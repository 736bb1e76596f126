import { webcrypto } from 'node:crypto';
import { auth0 } from '../adapters/auth0.js';
import { type Decision, LINK_KEY } from '../event.js';
import type { Fields } from '../event-fields.js';
import { isNeverIngested } from '../never-ingested.js';
import { STANDARD_CLAIMS } from '../standard-claims.js';
import type { PostLoginApi, PostLoginEvent } from './auth0-types.js';
import { Hook, claimsOf, explain, say, summarize } from './hook.js';
import { type HookSettings, readHookSettings } from './hook-settings.js';

const hook = new Hook(auth0, webcrypto);

/**
 * Auth0 post-login Action: moves personal data from the user's metadata into the vault and puts a token into the access token. One Action does
 * both, because Auth0 writes metadata only at the end: a second one would not see the object id at the first login. A login goes on without the
 * vault unless COATCHECK_ON_ERROR is `deny`; a refresh always does, because a refused one logs the user out.
 */
export async function onExecutePostLogin(event: PostLoginEvent, api: PostLoginApi): Promise<void> {
  let settings: HookSettings | undefined;
  try {
    settings = readHookSettings(event.secrets);
    const decision = await hook.report(settings, 'post-login', eventOf(event));
    carryOut(decision, settings, event, api);
    say(summarize(decision));
  } catch (error) {
    say(`coatcheck: login without a PII token: ${explain(error)}`);
    const isRefresh = event.transaction?.protocol === 'oauth2-refresh-token';
    if (!isRefresh && (settings?.onError ?? event.secrets.COATCHECK_ON_ERROR) === 'deny')
      api.access.deny('pii_vault_unavailable');
  }
}

/** What of the event the vault is told: no credentials, nothing of requests, sessions and roles. */
function eventOf({ user, client, connection, organization, transaction, tenant }: PostLoginEvent): Fields {
  const profile = Object.entries(user).filter(
    ([key]) => Object.hasOwn(STANDARD_CLAIMS, key) || key === 'user_id' || key === 'updated_at',
  );
  return {
    user: {
      ...Object.fromEntries(profile),
      app_metadata: withoutCredentials(user.app_metadata),
      user_metadata: withoutCredentials(user.user_metadata),
      ...identitiesOf(user.identities),
    },
    client: { client_id: client?.client_id },
    connection: { name: connection?.name, strategy: connection?.strategy },
    ...(organization && { organization: { id: organization.id } }),
    transaction: { id: transaction?.id },
    tenant: { id: tenant?.id },
  };
}

/** Who is linked to the user: their ids, and neither profiles nor the tokens of social providers. */
function identitiesOf(identities: unknown): Fields {
  if (!Array.isArray(identities)) return {};
  const ids = (identities as (Fields | null)[]).map((each) => {
    return { provider: each?.provider, user_id: each?.user_id };
  });
  return { identities: ids };
}

function withoutCredentials(metadata: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !isNeverIngested(key)));
}

/** Link and scrubbing reach Auth0 in one update. Nothing but the link is written and only what the event showed is removed, whatever the answer names. */
function carryOut(
  decision: Decision,
  settings: HookSettings,
  { user }: PostLoginEvent,
  api: PostLoginApi,
): void {
  const { write, scrub } = decision;
  const link = write[LINK_KEY];
  if (link !== undefined) api.user.setAppMetadata(LINK_KEY, link);
  for (const path of scrub) {
    const [, root, key = ''] = /^(app_metadata|user_metadata)\.(.+)$/.exec(path) ?? [];
    if (root === 'app_metadata' && Object.hasOwn(user.app_metadata ?? {}, key))
      api.user.setAppMetadata(key, null);
    if (root === 'user_metadata' && Object.hasOwn(user.user_metadata ?? {}, key))
      api.user.setUserMetadata(key, null);
  }
  const { claims, unnamed } = claimsOf(decision, settings);
  for (const [name, value] of Object.entries(claims)) api.accessToken.setCustomClaim(name, value);
  for (const setting of unnamed) say(`coatcheck: ${setting} is missing`);
}
