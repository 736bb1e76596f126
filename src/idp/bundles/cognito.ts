import { webcrypto } from 'node:crypto';
import { LINK_ATTRIBUTE, cognito } from '../adapters/cognito.js';
import type { Decision } from '../event.js';
import { isNeverIngested } from '../never-ingested.js';
import { carryOut, removableIn } from './cognito-attributes.js';
import { federate } from './cognito-federation.js';
import { migrate } from './cognito-migration.js';
import type { CognitoSdk, FederationEvent, MigrationEvent, PreTokenEvent } from './cognito-types.js';
import { Hook, explain, say, summarize } from './hook.js';
import { type HookSettings, readHookSettings } from './hook-settings.js';

type TriggeredBy = PreTokenEvent | MigrationEvent | FederationEvent;

const hook = new Hook(cognito, webcrypto);
const OF_NO_USER = 'TokenGeneration_ClientCredentials';
const REFRESH = 'TokenGeneration_RefreshTokens';

/**
 * A Lambda function for triggers of a user pool: pre token generation in each of its versions, migrate user, and inbound federation. It returns the event, as Cognito wants it;
 * events of other triggers pass. Throws only what the operator wants to end a login, or where a legacy user is not to be let in.
 */
export async function handle(
  event: TriggeredBy,
  environment: Readonly<Record<string, string | undefined>>,
  loadSdk: () => CognitoSdk,
): Promise<TriggeredBy> {
  const { triggerSource } = event;
  if (triggerSource.startsWith('InboundFederation_'))
    return federate(event as FederationEvent, environment, hook);
  if (triggerSource.startsWith('UserMigration_')) return migrate(event as MigrationEvent, environment, hook);
  if (triggerSource.startsWith('TokenGeneration_') && triggerSource !== OF_NO_USER)
    await generate(event as PreTokenEvent, environment, loadSdk);
  return event;
}

/** Moves what the user's attributes hold into the vault, and puts the token into the response. A refresh is never refused. */
async function generate(
  event: PreTokenEvent,
  environment: Readonly<Record<string, string | undefined>>,
  loadSdk: () => CognitoSdk,
): Promise<void> {
  let settings: HookSettings | undefined;
  try {
    settings = readHookSettings(environment);
    const decision = await hook.report(settings, 'pre-token-generation', reported(event));
    say(summarize(decision));
    override(event, decision, settings.claim ?? decision.claim ?? 'pii_token');
    await carryOut(event, decision, loadSdk);
  } catch (error) {
    say(`coatcheck: tokens without a PII token: ${explain(error)}`);
    const onError = settings?.onError ?? environment.COATCHECK_ON_ERROR;
    // Cognito shows the message to the client.
    if (onError === 'deny' && event.triggerSource !== REFRESH) throw new Error('pii_vault_unavailable');
  }
}

/** What of the event the vault is told: no credentials, nothing of groups and metadata of the request. */
function reported({ userPoolId, userName, callerContext, request }: PreTokenEvent): Record<string, unknown> {
  const attributes = Object.entries(request.userAttributes).filter(
    ([name]) => !isNeverIngested(name.replace('custom:', '')),
  );
  return {
    ...{ userPoolId, userName, callerContext: { clientId: callerContext.clientId } },
    request: { userAttributes: Object.fromEntries(attributes) },
  };
}

/**
 * The token and what is said of the profile as claims, and out of the ID token what the vault has taken: Cognito puts every attribute that a client may read into it, those of before this
 * login. Version one knows only the ID token, and only texts; which version an event is shows in its form.
 */
function override(event: PreTokenEvent, decision: Decision, claim: string): void {
  const { response, request, version } = event;
  const { token, profile } = decision;
  const claims = {
    // Where the function's own setting calls the token so, nothing but a token is called so.
    ...(profile && profile.claim !== claim && { [profile.claim]: profile.complete }),
    ...(token !== undefined && { [claim]: token }),
  };
  const made = Object.entries(claims);
  const removed = removableIn(event, decision);
  const link = Object.hasOwn(request.userAttributes, LINK_ATTRIBUTE) ? [LINK_ATTRIBUTE] : [];
  const suppress = { claimsToSuppress: [...removed, ...link] };
  const isFirst =
    response.claimsOverrideDetails !== undefined ||
    (response.claimsAndScopeOverrideDetails === undefined &&
      request.scopes === undefined &&
      !['2', '3'].includes(version));
  if (isFirst) {
    const texts = Object.fromEntries(made.map(([name, value]) => [name, String(value)]));
    response.claimsOverrideDetails = {
      ...response.claimsOverrideDetails,
      ...(made.length > 0 && { claimsToAddOrOverride: texts }),
      ...suppress,
    };
  } else
    response.claimsAndScopeOverrideDetails = {
      ...response.claimsAndScopeOverrideDetails,
      accessTokenGeneration: made.length > 0 ? { claimsToAddOrOverride: claims } : {},
      idTokenGeneration: suppress,
    };
}
