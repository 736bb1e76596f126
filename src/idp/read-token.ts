import type { Attribute, LoginEvent } from './event.js';
import {
  type Fields,
  member,
  optionalName,
  optionalTime,
  organizationIn,
  requiredName,
} from './event-fields.js';

/** Where a token says which client it was made for, in the order of belief: RFC 9068, OpenID Connect Core, Okta's. */
const CLIENT_CLAIMS = ['client_id', 'azp', 'cid', 'appid'];

/**
 * Somebody whom a token of the provider stands for, as far as its claims are anybody's: the claim `subject` says who. What it says of the person fills what the vault
 * lacks and replaces nothing, since a token may be older than what is known. The claim `organization`, if there is one, says which organization it was made for.
 */
export function readToken(
  claims: Fields,
  subject = 'sub',
  attributes: readonly Attribute[] = [],
  organization?: string,
): LoginEvent {
  return {
    kind: 'login',
    issuer: undefined,
    subject: requiredName(claims, subject, ''),
    link: undefined,
    clientId: clientOf(claims),
    transaction: undefined,
    connection: { name: 'exchange', kind: 'social' },
    attributes,
    updatedAt: optionalTime(claims, 'updated_at'),
    ...(organization !== undefined && organizationIn(claims, organization, '')),
  };
}

/** An ID token may say it by its audience alone. */
function clientOf(claims: Fields): string | undefined {
  for (const name of CLIENT_CLAIMS) {
    const client = optionalName(claims, name, '');
    if (client !== undefined) return client;
  }
  const [audience, ...others] = [member(claims, 'aud')].flat();
  return typeof audience === 'string' && others.length === 0 ? audience : undefined;
}
