import type { LoginResult } from '../auth0-tenant.js';
import { NotAsExpected } from '../narrator.js';
import { EMAIL, type Idp } from './look-at-the-legacy-table.js';

/** Logs the story's user in and returns the access token. */
export async function login({ tenant }: Idp): Promise<string> {
  const result: LoginResult = await tenant.login(EMAIL);
  if ('accessToken' in result) return result.accessToken;
  throw new NotAsExpected(`The login of ${EMAIL} did not succeed: ${JSON.stringify(result)}`);
}
