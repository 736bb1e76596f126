import { logto } from '../adapters/logto.js';
import { Hook, claimsOf, explain, say, summarize } from './hook.js';
import { readHookSettings } from './hook-settings.js';
import type { CustomJwt } from './logto-types.js';
import { told } from './logto-user.js';

const CLAIMS = { claim: 'pii_token', organizationClaim: 'pii_org_token' };
const hook = new Hook(logto, globalThis.crypto);

/**
 * Logto's custom JWT script for access tokens: returns the claim with a token of the user's object, where there is one, and what is said of the profile. It cannot change the user:
 * somebody who has just registered is stored here and scrubbed at the next sign-in. A refresh is never denied.
 */
export async function getCustomJwtClaims({
  token,
  context,
  environmentVariables = {},
  api,
}: CustomJwt): Promise<Record<string, string | boolean>> {
  const user = context?.user;
  if (user === undefined) return {};
  try {
    const settings = readHookSettings(environmentVariables);
    const decision = await hook.report(settings, 'custom-jwt', {
      issuer: environmentVariables.LOGTO_ISSUER,
      user: told(user),
      token: { clientId: token.clientId, jti: token.jti },
      ...(context?.organization && { organization: { id: context.organization.id } }),
    });
    say(summarize(decision));
    return { ...claimsOf(decision, settings, CLAIMS).claims };
  } catch (error) {
    say(`coatcheck: access token without a PII token: ${explain(error)}`);
  }
  const isRefresh = token.gty?.includes('refresh_token') ?? false;
  if (environmentVariables.COATCHECK_ON_ERROR === 'deny' && !isRefresh)
    api.denyAccess('pii_vault_unavailable');
  return {};
}
