import { logto } from '../adapters/logto.js';
import { type Decision, LINK_KEY } from '../event.js';
import { Hook, explain, say, summarize } from './hook.js';
import { readHookSettings } from './hook-settings.js';
import type { LogtoUser, PostSignIn, PostSignInResult } from './logto-types.js';
import { told } from './logto-user.js';

const hook = new Hook(logto, globalThis.crypto);

/**
 * Logto's post sign-in action: moves what the user's custom data and profile hold into the vault and has Logto forget it. Throws only where
 * COATCHECK_ON_ERROR is `deny`; Logto then does what the action's own error policy says.
 */
export async function runAction({ event, environmentVariables = {} }: PostSignIn): Promise<PostSignInResult> {
  try {
    const settings = readHookSettings(environmentVariables);
    const reported = { issuer: environmentVariables.LOGTO_ISSUER, user: told(event.user) };
    const decision = await hook.report(settings, 'post-sign-in', reported);
    say(summarize(decision));
    return changeOf(event.user, decision);
  } catch (error) {
    say(`coatcheck: a sign-in moved nothing: ${explain(error)}`);
    if (environmentVariables.COATCHECK_ON_ERROR === 'deny') throw new Error('pii_vault_unavailable');
    return undefined;
  }
}

/** One update of the user: the object id in place of what the vault took. Only what the event showed is taken away. */
function changeOf(user: LogtoUser, { write, scrub }: Decision): PostSignInResult {
  const keysUnder = (root: string, there: object): string[] =>
    scrub
      .filter((path) => path.startsWith(`${root}.`))
      .map((path) => path.slice(root.length + 1))
      .filter((key) => Object.hasOwn(there, key));
  const custom = keysUnder('customData', user.customData ?? {});
  const profile = keysUnder('profile', user.profile ?? {});
  const link = write[LINK_KEY];

  const customData = {
    ...Object.fromEntries(custom.map((key) => [key, null])),
    ...(link !== undefined && { [LINK_KEY]: link }),
  };
  const change = {
    ...(Object.keys(customData).length > 0 && { customData }),
    // A member of the profile cannot be null; sent whole, what stays stays.
    ...(profile.length > 0 && { profile: { ...user.profile, ...emptied(profile) } }),
    ...(scrub.includes('user.name') && Object.hasOwn(user, 'name') && { name: null }),
  };
  return Object.keys(change).length > 0 ? { action: 'updateUser', user: change } : undefined;
}

function emptied(keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, key === 'address' ? {} : '']));
}
