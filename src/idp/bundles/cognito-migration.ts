import { FOR_SIGNING_IN, LINK_ATTRIBUTE } from '../adapters/cognito.js';
import { type Decision, LINK_KEY } from '../event.js';
import { isNeverIngested } from '../never-ingested.js';
import { STANDARD_CLAIMS } from '../standard-claims.js';
import type { MigrationEvent } from './cognito-types.js';
import { type Hook, explain, say, summarize } from './hook.js';
import { readHookSettings } from './hook-settings.js';
import { type LegacySettings, type Profile, askLegacy } from './legacy-users.js';

/** Cognito gives the function five seconds, and the vault may take most of two. */
const LEGACY_TIMEOUT_MS = 2_500;
/**
 * The migrate user trigger: the legacy service checks the password, the vault takes the personal data, and the pool gets what signing in takes, with the
 * object id. Throws where the user is not to be let in; what it throws is ours, since Cognito shows it to the client.
 */
export async function migrate(
  event: MigrationEvent,
  environment: LegacySettings,
  hook: Hook,
): Promise<MigrationEvent> {
  const signsIn = event.triggerSource === 'UserMigration_Authentication';
  const legacy = signsIn
    ? await askLegacy(
        environment,
        environment.LEGACY_LOGIN_URL,
        { login: event.userName, password: event.request.password },
        LEGACY_TIMEOUT_MS,
      )
    : await askLegacy(
        environment,
        environment.LEGACY_GET_USER_URL,
        { login: event.userName },
        LEGACY_TIMEOUT_MS,
      );
  if (legacy === null) throw new Error('user_unknown');

  event.response.userAttributes = await attributesOf(event, legacy, environment, hook);
  event.response.messageAction = 'SUPPRESS';
  if (signsIn) event.response.finalUserStatus = 'CONFIRMED';
  return event;
}

/** The attributes that the pool gets. */
async function attributesOf(
  { userPoolId }: MigrationEvent,
  legacy: Profile,
  environment: LegacySettings,
  hook: Hook,
): Promise<Record<string, string>> {
  const { user_id, ...profile } = legacy;
  const all = Object.entries(profile).filter(([name]) => !isNeverIngested(name.replace('custom:', '')));
  let decision: Decision;
  try {
    const event = { userPoolId, legacy: { user_id, attributes: Object.fromEntries(all) } };
    decision = await hook.report(readHookSettings(environment), 'user-migration', event);
  } catch (error) {
    say(`coatcheck: a legacy user was not moved: ${explain(error)}`);
    // What the pool has no place for would be lost, since the legacy service is never asked again for somebody whom the pool knows.
    if (environment.COATCHECK_ON_ERROR === 'deny' || !all.every(([name]) => hasPlace(name)))
      throw new Error('pii_vault_unavailable');
    return asTexts(all);
  }
  // The provider deleted them, and only the legacy service does not know.
  if (decision.warnings.some(({ code }) => code === 'erased')) throw new Error('user_unknown');
  say(summarize(decision));

  const isTaken = (name: string): boolean => decision.scrub.includes(`userAttributes.${name}`);
  const left = all.filter(([name]) => FOR_SIGNING_IN.has(name) || (hasPlace(name) && !isTaken(name)));
  const lost = all.map(([name]) => name).filter((name) => !hasPlace(name) && !isTaken(name));
  if (lost.length > 0)
    say(`coatcheck: neither vault nor pool took: ${lost.map(shown).join(', ')}`.slice(0, 200));
  const link = decision.write[LINK_KEY];
  return { ...asTexts(left), ...(link && { [LINK_ATTRIBUTE]: link }) };
}

/** Every pool has the standard attributes, and the operator names only those custom ones that theirs has. */
function hasPlace(name: string): boolean {
  const isStandard = Object.hasOwn(STANDARD_CLAIMS, name) && name !== 'phone_verified';
  return isStandard || name.startsWith('custom:') || FOR_SIGNING_IN.has(name);
}

/** A name that could itself be a value is not said. */
function shown(name: string): string {
  return /^[a-z][\w:.-]{0,39}$/i.test(name) ? name : '*';
}

/** The pool's attributes are texts. */
function asTexts(attributes: readonly (readonly [string, unknown])[]): Record<string, string> {
  const said = attributes.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return Object.fromEntries(
    said.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
