import type { AdapterEvent } from '../adapter.js';
import type { PasswordEvent } from '../event.js';
import {
  type Fields,
  member,
  misfit,
  optionalTime,
  requireText,
  requiredName,
  requiredObject,
} from '../event-fields.js';
import { originOf } from './okta-system-events.js';

const LONGEST_PASSWORD = 1_024;
/** Okta waits for three seconds, and hashing a password takes the legacy service some of them. */
const WITHIN_MS = 2_500;
const AT = 'data.context.credential.';

/** Somebody who was imported without a password signs in for the first time: Okta asks whether what they typed is right, and keeps it if it is. */
export const passwordImport: AdapterEvent = {
  capability: 'CapIdpHook',
  asksForPassword: true,
  read: readPassword,
  answer: {
    writeBack: 'answer',
    withinMs: WITHIN_MS,
    render: ({ verified }) => answerOf(verified === true),
    unchanged: answerOf(false),
  },
};

function readPassword(event: Fields): PasswordEvent {
  requireText(event, 'eventType', '', 'com.okta.user.credential.password.import');
  const context = requiredObject(requiredObject(event, 'data', ''), 'context', 'data.');
  const credential = requiredObject(context, 'credential', 'data.context.');
  return {
    kind: 'password',
    issuer: originOf(event),
    sentAt: optionalTime(event, 'eventTime') ?? misfit('eventTime', 'It must be a time.'),
    username: requiredName(credential, 'username', AT),
    password: passwordIn(credential),
  };
}

/** As it was typed. An empty one is nobody's: directories take it for a question that needs no password. */
function passwordIn(credential: Fields): string {
  const value = member(credential, 'password');
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_PASSWORD)
    return misfit(`${AT}password`, `It must be a string of 1 to ${LONGEST_PASSWORD} characters.`);
  return value;
}

function answerOf(verified: boolean): object {
  const credential = verified ? 'VERIFIED' : 'UNVERIFIED';
  return { commands: [{ type: 'com.okta.action.update', value: { credential } }] };
}
