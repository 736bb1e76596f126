import { logIn } from '../browser.js';
import { NotAsExpected } from '../narrator.js';
import { CLIENT, EMAIL, type Idp } from './look-at-the-legacy-table.js';

/** Logs the story's user in and returns the access token. */
export async function login({ provider }: Idp): Promise<string> {
  const outcome = await logIn({ issuer: provider.issuer, ...CLIENT }, EMAIL);
  if ('accessToken' in outcome) return outcome.accessToken;
  throw new NotAsExpected(`The login of ${EMAIL} did not succeed: ${JSON.stringify(outcome)}`);
}
