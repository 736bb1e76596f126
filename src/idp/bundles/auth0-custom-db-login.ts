import { type Configuration, LEGACY_TIMEOUT_MS, moveIntoVault } from './auth0-custom-db.js';
import { type Profile, askLegacy } from './legacy-users.js';

type Callback = (error: Error | null, profile?: Profile) => void;

/** Globals of Auth0's custom database scripts. */
interface ScriptGlobals {
  readonly configuration: Configuration;
  readonly WrongUsernameOrPasswordError: new (name: string, message: string) => Error;
}

/**
 * Auth0's custom database script `login`: the legacy service checks the password, the vault takes the personal data, and Auth0 imports what
 * is left. `callback` is called exactly once.
 */
export function login(
  globals: ScriptGlobals,
  nameOrEmail: string,
  password: string,
  callback: Callback,
): void {
  const { configuration, WrongUsernameOrPasswordError } = globals;
  askLegacy(
    configuration,
    configuration.LEGACY_LOGIN_URL,
    { login: nameOrEmail, password },
    LEGACY_TIMEOUT_MS,
  )
    .then((legacy) => {
      if (legacy === null) throw new WrongUsernameOrPasswordError(nameOrEmail, 'Wrong username or password.');
      return moveIntoVault(configuration, legacy);
    })
    .then(
      (profile) => callback(null, profile),
      (error: unknown) => callback(error as Error),
    );
}
