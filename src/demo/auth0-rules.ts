import { FORBIDDEN_METADATA, auth0 } from '../idp/adapters/auth0.js';

/** Throws for a metadata key that Auth0 forbids. */
export function checkMetadataKey(name: string): void {
  if (FORBIDDEN_METADATA.has(name) || /[.$]/.test(name)) {
    throw new Error(`app_metadata must not have a key ${name}`);
  }
}

/** Whether a custom claim reaches the token: its name must be a URL in a domain of one's own. */
export function isNamespacedClaim(name: string): boolean {
  return auth0.refuseClaim(name) === null;
}
