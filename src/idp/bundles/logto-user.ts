import { isNeverIngested } from '../never-ingested.js';
import type { LogtoUser } from './logto-types.js';

const TOLD = ['id', 'primaryEmail', 'primaryPhone', 'name', 'avatar', 'profile', 'updatedAt'];

/** What of a user the vault is told: no credentials, and nothing of identities, roles and sessions. */
export function told(user: LogtoUser): Record<string, unknown> {
  const customData = Object.entries(user.customData ?? {}).filter(([key]) => !isNeverIngested(key));
  return {
    ...Object.fromEntries(Object.entries(user).filter(([name]) => TOLD.includes(name))),
    customData: Object.fromEntries(customData),
  };
}
