import type { LinkEvent, UnlinkEvent } from './event.js';
import { type Fields, misfit, optionalObject, requiredName, requiredObject } from './event-fields.js';

/** What an application that links accounts reports: `primary` and `secondary`, each with its id under `key`. */
export function readLink(event: Fields, issuer: string, key: string): LinkEvent {
  const subject = requiredName(requiredObject(event, 'primary', ''), key, 'primary.');
  return { kind: 'link', issuer, subject, secondary: secondaryOf(event, key, subject) };
}

/** The same where they are not one person any more; `primary` may be left out. */
export function readUnlink(event: Fields, issuer: string, key: string): UnlinkEvent {
  const primary = optionalObject(event, 'primary', '');
  const subject = Object.keys(primary).length > 0 ? requiredName(primary, key, 'primary.') : undefined;
  return { kind: 'unlink', issuer, subject, secondary: secondaryOf(event, key, subject) };
}

function secondaryOf(event: Fields, key: string, primary: string | undefined): string {
  const secondary = requiredName(requiredObject(event, 'secondary', ''), key, 'secondary.');
  return secondary === primary ? misfit(`secondary.${key}`, 'It is the primary itself.') : secondary;
}
