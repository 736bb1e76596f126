/** Names that Auth0 forbids in app_metadata: they would shadow the profile's own. */
const FORBIDDEN_METADATA = new Set([
  '__tenant',
  '_id',
  'blocked',
  'clientID',
  'created_at',
  'email',
  'email_verified',
  'globalClientID',
  'global_client_id',
  'identities',
  'lastIP',
  'lastLogin',
  'loginsCount',
  'metadata',
  'multifactor',
  'multifactor_last_modified',
  'updated_at',
  'user_id',
]);

/** Domains of Auth0's own, which no custom claim may be named after. */
const AUTH0_DOMAINS = /(^|\.)(auth0\.com|webtask\.io|webtask\.run)$/;

/** Throws for a metadata key that Auth0 forbids. */
export function checkMetadataKey(name: string): void {
  if (FORBIDDEN_METADATA.has(name) || /[.$]/.test(name)) {
    throw new Error(`app_metadata must not have a key ${name}`);
  }
}

/** Whether a custom claim reaches the token: its name must be a URL in a domain of one's own. */
export function isNamespacedClaim(name: string): boolean {
  if (!/^https?:\/\//.test(name) || !URL.canParse(name)) return false;
  return !AUTH0_DOMAINS.test(new URL(name).hostname);
}
