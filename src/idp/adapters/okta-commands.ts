import { type Decision, LINK_KEY } from '../event.js';
import { type Fields, member, optionalObject } from '../event-fields.js';

/** The claim where neither the hook nor its configuration names one. */
const CLAIM = 'pii_token';

interface Command {
  readonly type: string;
  readonly value: object;
}

/**
 * The token goes into the access token, and what is said of the profile. The claim with the object id, by which the org shows whose tokens they are, has done its work and goes. Null where nothing
 * is to be done: one operation that Okta cannot do would cost all of them.
 */
export function renderToken({ token, claim = CLAIM, profile }: Decision, event: Fields): object | null {
  const data = optionalObject(event, 'data', '');
  const added = [
    ...(token === undefined ? [] : [{ op: 'add', path: pointerTo(claim), value: token }]),
    ...(profile ? [{ op: 'add', path: pointerTo(profile.claim), value: profile.complete }] : []),
  ];
  return commands([
    ...patch('com.okta.access.patch', [...added, ...withoutLink(data, 'access')]),
    ...patch('com.okta.identity.patch', withoutLink(data, 'identity')),
  ]);
}

/** The profile as it shall be: what the vault has goes, the object id comes; one that the form brought along never stays. */
export function renderRegistration(decision: Decision, event: Fields): object | null {
  const data = optionalObject(event, 'data', '');
  const isProgressive = member(event, 'requestType') === 'progressive.profile';
  const given = optionalObject(data, isProgressive ? 'userProfileUpdate' : 'userProfile', 'data.');
  const type = isProgressive ? 'com.okta.user.progressive.profile.update' : 'com.okta.user.profile.update';
  return commands(update(type, changesOf(decision, given)));
}

/** The same for an import, and in the profile that the application's user keeps beside it. */
export function renderImport(decision: Decision, event: Fields): object | null {
  const data = optionalObject(event, 'data', '');
  const profileOf = (key: string): Fields =>
    optionalObject(optionalObject(data, key, 'data.'), 'profile', `data.${key}.`);
  const changes = changesOf(decision, profileOf('user'));
  const application = profileOf('appUser');
  const there = Object.entries(changes).filter(
    ([key, value]) => value === null && (member(application, key) ?? null) !== null,
  );
  return commands([
    ...update('com.okta.user.profile.update', changes),
    ...update('com.okta.appUser.profile.update', Object.fromEntries(there)),
  ]);
}

function changesOf({ write, scrub }: Decision, given: Fields): Readonly<Record<string, string | null>> {
  return {
    ...(member(given, LINK_KEY) !== undefined && { [LINK_KEY]: null }),
    ...Object.fromEntries(scrub.map((path) => [path.slice('profile.'.length), null])),
    ...write,
  };
}

function update(type: string, value: object): Command[] {
  return Object.keys(value).length > 0 ? [{ type, value }] : [];
}

function patch(type: string, value: readonly object[]): Command[] {
  return value.length > 0 ? [{ type, value }] : [];
}

function commands(all: readonly Command[]): object | null {
  return all.length > 0 ? { commands: all } : null;
}

function withoutLink(data: Fields, token: 'access' | 'identity'): object[] {
  const claims = optionalObject(optionalObject(data, token, 'data.'), 'claims', `data.${token}.`);
  return Object.hasOwn(claims, LINK_KEY) ? [{ op: 'remove', path: pointerTo(LINK_KEY) }] : [];
}

/** Where a claim stands, as a JSON pointer (RFC 6901): a claim may be named by a URL. */
function pointerTo(claim: string): string {
  return `/claims/${claim.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
