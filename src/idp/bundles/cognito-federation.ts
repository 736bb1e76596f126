import { isForSigningIn } from '../adapters/cognito.js';
import { type Decision, LINK_KEY } from '../event.js';
import { isNeverIngested } from '../never-ingested.js';
import type { FederationEvent } from './cognito-types.js';
import { type Hook, explain, say, summarize } from './hook.js';
import { readHookSettings } from './hook-settings.js';

/** Claims of the protocol: the vault is not told them, and Cognito gets them as they came. Source: OpenID Connect Core 2. */
const PROTOCOL = new Set(
  'acr amr at_hash aud auth_time azp c_hash exp iat iss jti nbf nonce sid sub token_use'.split(' '),
);
/** Longer values no attribute of a pool holds. */
const LONGEST = 2_048;
/** No pool maps it. */
const NOTHING_MAPPED = 'moved_by';

/**
 * The inbound federation trigger: what another provider says of somebody who signs in goes into the vault before the pool has it, and the pool gets the rest with the object id, which its attribute mapping keeps. Throws only what the
 * operator wants to end a login.
 */
export async function federate(
  event: FederationEvent,
  environment: Readonly<Record<string, string | undefined>>,
  hook: Hook,
): Promise<FederationEvent> {
  const claims = claimsIn(event);
  let decision: Decision | undefined;
  try {
    const settings = readHookSettings(environment);
    decision = await hook.report(settings, 'inbound-federation', reported(event, claims));
    say(summarize(decision));
  } catch (error) {
    say(`coatcheck: a federated user was not moved: ${explain(error)}`);
    // Cognito shows the message to the client.
    if (environment.COATCHECK_ON_ERROR === 'deny') throw new Error('pii_vault_unavailable');
  }
  event.response.userAttributesToMap = mapped(claims, decision);
  return event;
}

/** All that is said of the user; what is signed outranks what was asked for afterwards. */
function claimsIn({ request }: FederationEvent): Readonly<Record<string, unknown>> {
  const { userInfo, idToken, samlResponse } = request.attributes;
  return { ...asObject(userInfo), ...asObject(idToken), ...asObject(samlResponse) };
}

function asObject(value: unknown): object {
  let parsed = value;
  try {
    if (typeof value === 'string') parsed = JSON.parse(value);
  } catch {
    return {};
  }
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : {};
}

function reported(
  { userPoolId, userName, request }: FederationEvent,
  claims: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { providerName, providerType } = request;
  const told = Object.entries(claims).filter(
    ([name]) => !PROTOCOL.has(name) && !isNeverIngested(name) && name !== LINK_KEY,
  );
  return {
    userPoolId,
    userName,
    federation: { providerName, providerType, attributes: Object.fromEntries(told) },
  };
}

/**
 * What Cognito maps: attributes that are left out do not reach the pool, and an answer without any means all of them, so where something shall not there is always one. The other provider never says whose object it is.
 */
function mapped(
  claims: Readonly<Record<string, unknown>>,
  decision: Decision | undefined,
): Record<string, string> {
  if (decision === undefined && !Object.hasOwn(claims, LINK_KEY)) return {};
  const taken = new Set(decision?.scrub);
  const left = Object.entries(claims).flatMap(([name, value]): [string, string][] => {
    const isTaken = taken.has(`userAttributes.${name}`) && !isForSigningIn(name);
    if (name === LINK_KEY || isTaken || value === null || value === undefined) return [];
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  const fitting = left.filter(([, value]) => value.length <= LONGEST);
  if (fitting.length < left.length)
    say(`coatcheck: left out, too long for the user pool: ${left.length - fitting.length}`);
  const link = decision?.write[LINK_KEY];
  return { [NOTHING_MAPPED]: 'coatcheck', ...Object.fromEntries(fitting), ...(link && { [LINK_KEY]: link }) };
}
