import type { ErasureEvent, IdpEvent, StatusEvent } from '../event.js';
import {
  type Fields,
  member,
  misfit,
  objectsIn,
  optionalName,
  optionalObject,
  optionalTime,
  requireText,
  requiredName,
  requiredObject,
} from '../event-fields.js';

const DELETIONS: ReadonlySet<string> = new Set([
  'user.lifecycle.delete.initiated',
  'user.lifecycle.delete.completed',
]);
/** What a change of a user's lifecycle says of them: whether they are kept out from then on. */
const STATUSES: ReadonlyMap<string, boolean> = new Map([
  ['user.lifecycle.deactivate', true],
  ['user.lifecycle.suspend', true],
  ['user.lifecycle.activate', false],
  ['user.lifecycle.reactivate', false],
  ['user.lifecycle.unsuspend', false],
]);

/** What an event hook tells, many at a time: of each no more is read than who was deleted, kept out or let in again. What failed at Okta did not happen. */
export function readEvents(event: Fields): IdpEvent {
  requireText(event, 'eventType', '', 'com.okta.event_hook');
  const issuer = originOf(event) ?? misfit('source', 'It must be a URL.');
  const told = objectsIn(requiredObject(event, 'data', ''), 'events', 'data.');
  const events = told.flatMap((each, i) => readSystemEvent(each, `data.events[${i}].`, issuer));
  return { kind: 'batch', issuer, events: withoutRepetitions(events) };
}

function readSystemEvent(event: Fields, at: string, issuer: string): (ErasureEvent | StatusEvent)[] {
  const type = requiredName(event, 'eventType', at);
  const suspended = STATUSES.get(type);
  const outcome = optionalName(optionalObject(event, 'outcome', at), 'result', `${at}outcome.`);
  if ((!DELETIONS.has(type) && suspended === undefined) || outcome === 'FAILURE') return [];
  const users = objectsIn(event, 'target', at).filter((target) => member(target, 'type') === 'User');
  if (users.length === 0) misfit(`${at}target`, 'It must name a user.');
  const published = optionalTime(event, 'published');
  return users.map((user) => {
    const subject = requiredName(user, 'id', `${at}target.`);
    return suspended === undefined
      ? { kind: 'erasure', issuer, subject }
      : { kind: 'status', issuer, subject, status: { suspended, at: published } };
  });
}

/** A deletion is told when it begins and when it is done, which may be in one batch. */
function withoutRepetitions<T extends ErasureEvent | StatusEvent>(events: readonly T[]): T[] {
  const erased = new Set<string>();
  return events.filter(
    ({ kind, subject }) => kind !== 'erasure' || (!erased.has(subject) && erased.add(subject)),
  );
}

/** `source` is a URL of the org's, or only the id of the hook. */
export function originOf(event: Fields): string | undefined {
  const source = requiredName(event, 'source', '');
  return /^https:\/\//.test(source) && URL.canParse(source) ? new URL(source).origin : undefined;
}
