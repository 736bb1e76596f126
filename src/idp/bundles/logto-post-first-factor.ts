import { logto } from '../adapters/logto.js';
import { LINK_KEY } from '../event.js';
import { Hook, explain, say, summarize } from './hook.js';
import { readHookSettings } from './hook-settings.js';
import { type Profile, askLegacy } from './legacy-users.js';
import { type NewLogtoUser, signingInWith, withoutTaken } from './logto-legacy-user.js';
import type { PostFirstFactor, PostFirstFactorResult } from './logto-types.js';
import { told } from './logto-user.js';

/** Logto gives a script five seconds, and the vault may take most of two. */
const LEGACY_TIMEOUT_MS = 2_500;

const hook = new Hook(logto, globalThis.crypto);

/**
 * Logto's post first factor verification action, which runs where a password is not one that Logto knows: the legacy service checks it, the vault takes the personal data, and Logto makes the user with
 * what signing in takes and the object id. A user whom Logto has keeps the password Logto has: nobody comes in by one of before. Throws only words of ours; Logto then turns the password down, as it does where
 * nothing is answered.
 */
export async function runAction({
  event,
  environmentVariables = {},
}: PostFirstFactor): Promise<PostFirstFactorResult> {
  const { user, identifier, password } = event;
  if (user !== null) return undefined;
  const question = { login: identifier.value, password };
  const legacy = await askLegacy(
    environmentVariables,
    environmentVariables.LEGACY_LOGIN_URL,
    question,
    LEGACY_TIMEOUT_MS,
  );
  if (legacy === null) return undefined;
  const made = await move(legacy, signingInWith(identifier, legacy), environmentVariables);
  return made && { action: 'createUser', user: made, passwordVerified: true };
}

/** What Logto gets of the user; undefined: they were erased, and only the legacy service does not know. */
async function move(
  { user_id }: Profile,
  user: NewLogtoUser,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<NewLogtoUser | undefined> {
  try {
    const settings = readHookSettings(environment);
    const shown = told({ ...user, id: String(user_id) });
    const reported = { issuer: environment.LOGTO_ISSUER, user: shown };
    const decision = await hook.report(settings, 'legacy-user', reported);
    if (decision.warnings.some(({ code }) => code === 'erased')) return undefined;
    say(summarize(decision));
    const link = decision.write[LINK_KEY];
    const { customData, ...rest } = withoutTaken(user, decision.scrub);
    return { ...rest, customData: { ...customData, ...(link && { [LINK_KEY]: link }) } };
  } catch (error) {
    say(`coatcheck: a legacy user was not moved: ${explain(error)}`);
    if (environment.COATCHECK_ON_ERROR === 'deny') throw new Error('pii_vault_unavailable');
    return user;
  }
}
