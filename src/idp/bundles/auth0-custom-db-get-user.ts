import { type Configuration, LEGACY_TIMEOUT_MS, moveIntoVault } from './auth0-custom-db.js';
import { type Profile, askLegacy } from './legacy-users.js';

type Callback = (error: Error | null, profile?: Profile | null) => void;

/**
 * Auth0's custom database script `getUser`: the legacy service knows the user or does not, the vault takes the personal data, and Auth0 imports
 * what is left. `callback` is called exactly once.
 */
export function getUser(configuration: Configuration, email: string, callback: Callback): void {
  askLegacy(configuration, configuration.LEGACY_GET_USER_URL, { login: email }, LEGACY_TIMEOUT_MS)
    .then((legacy) => (legacy === null ? null : moveIntoVault(configuration, legacy)))
    .then(
      (profile) => callback(null, profile),
      (error: unknown) => callback(error as Error),
    );
}
