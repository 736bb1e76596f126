import { webcrypto } from 'node:crypto';
import { auth0 } from '../adapters/auth0.js';
import { type Decision, LINK_KEY } from '../event.js';
import type { Fields } from '../event-fields.js';
import { isNeverIngested } from '../never-ingested.js';
import { Hook, explain, say } from './hook.js';
import { type HookSettings, readHookSettings } from './hook-settings.js';
import type { LegacySettings, Profile } from './legacy-users.js';

/** What a custom database script is given besides its arguments: Auth0 puts the database's settings into a global. */
export type Configuration = LegacySettings;

/** Auth0 gives a script twenty seconds. */
export const LEGACY_TIMEOUT_MS = 8_000;
/** What of a legacy user Auth0 needs to recognise them at the next login; everything else is metadata. */
const OWN = [
  'user_id',
  'email',
  'email_verified',
  'username',
  'phone_number',
  'phone_verified',
  'name',
  'nickname',
  'given_name',
  'family_name',
  'picture',
];
const LOGIN_NEEDS = ['user_id', 'email', 'email_verified', 'username', 'phone_number', 'phone_verified'];

const hook = new Hook(auth0, webcrypto);

/**
 * The profile that Auth0 is to keep of a legacy user: the object id in place of what the vault took. What it did not take stays in the metadata, since the
 * legacy database is never asked again; the post-login Action tries once more. Throws where the vault cannot be asked and COATCHECK_ON_ERROR is `deny`.
 */
export async function moveIntoVault(configuration: Configuration, legacy: Profile): Promise<Profile> {
  const own = Object.entries(legacy).filter(([key]) => OWN.includes(key));
  const extra = Object.entries(legacy).filter(
    ([key]) =>
      !OWN.includes(key) && !isNeverIngested(key) && auth0.refuseSource(`app_metadata.${key}`) === null,
  );
  const subject = `auth0|${String(legacy.user_id)}`;
  const event: Fields = {
    tenant: { id: configuration.AUTH0_TENANT },
    user: { ...Object.fromEntries(own), user_id: subject, app_metadata: Object.fromEntries(extra) },
  };
  try {
    const settings: HookSettings = readHookSettings(configuration);
    const decision = await hook.report(settings, 'legacy-user', event);
    return afterwards(own, extra, decision);
  } catch (error) {
    say(`coatcheck: a legacy user was not moved: ${explain(error)}`);
    if (configuration.COATCHECK_ON_ERROR === 'deny') throw new Error('pii_vault_unavailable');
    return { ...Object.fromEntries(own), app_metadata: Object.fromEntries(extra) };
  }
}

/** Auth0 gets of the profile what logging in takes, and what the vault did not take. */
function afterwards(
  own: readonly [string, unknown][],
  extra: readonly [string, unknown][],
  { write, scrub }: Decision,
): Profile {
  const needed = own.filter(([key]) => LOGIN_NEEDS.includes(key) || !scrub.includes(`profile.${key}`));
  const left = extra.filter(([key]) => !scrub.includes(`app_metadata.${key}`));
  const link = write[LINK_KEY] ? { [LINK_KEY]: write[LINK_KEY] } : {};
  return { ...Object.fromEntries(needed), app_metadata: { ...Object.fromEntries(left), ...link } };
}
