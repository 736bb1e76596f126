import type { Entry } from '../entry.js';
import { type Action, actionOf } from './actions.js';
import type { ExportFormat, ExportedEntry } from './exported-entry.js';
import { behindEvent, jsonLine } from './json-line.js';
import { vaultFactsOf } from './vault-facts.js';

/*
 * Open Cybersecurity Schema Framework (https://schema.ocsf.io), release 1.3: accesses are 6005 Datastore Activity, who may get in is category 3. What the schema
 * has no place for stands in `unmapped`, under the names that the log gives it.
 */

const SCHEMA = '1.3.0';

interface EventClass {
  readonly uid: number;
  readonly name: string;
}
const DATASTORE: EventClass = { uid: 6005, name: 'Datastore Activity' };
const AUTHENTICATION: EventClass = { uid: 3002, name: 'Authentication' };
const ENTITY: EventClass = { uid: 3004, name: 'Entity Management' };
const ACCOUNT: EventClass = { uid: 3001, name: 'Account Change' };

const CATEGORIES: Readonly<Record<number, string>> = {
  3: 'Identity & Access Management',
  6: 'Application Activity',
};

/** The class of an action, the number of the activity in it and its name. */
const ACTIVITIES: Readonly<Record<Action, readonly [EventClass, number, string]>> = {
  authenticate: [AUTHENTICATION, 1, 'Logon'],
  'iam-read': [ENTITY, 2, 'Read'],
  'iam-change': [ENTITY, 3, 'Update'],
  'credential-change': [ACCOUNT, 3, 'Password Change'],
  read: [DATASTORE, 1, 'Read'],
  update: [DATASTORE, 2, 'Update'],
  query: [DATASTORE, 4, 'Query'],
  create: [DATASTORE, 6, 'Create'],
  delete: [DATASTORE, 7, 'Delete'],
  list: [DATASTORE, 8, 'List'],
  encrypt: [DATASTORE, 9, 'Encrypt'],
  decrypt: [DATASTORE, 10, 'Decrypt'],
  other: [DATASTORE, 99, 'Other'],
};

export const ocsf: ExportFormat = {
  contentType: 'application/x-ndjson',
  line: (exported, version) => jsonLine(eventOf(exported, version)),
  positionBehind: (line) =>
    behindEvent(line, (event) => {
      const { sequence, uid } = (event as { metadata: { sequence?: number; uid?: string } }).metadata;
      return { index: sequence, leaf: uid };
    }),
};

function eventOf(exported: ExportedEntry, version: string): object {
  const { entry, index } = exported;
  const [eventClass, activity, activityName] = ACTIVITIES[actionOf(entry.operation)];
  const failed = entry.outcome === 'denied' || entry.outcome === 'failed';
  const category = Math.floor(eventClass.uid / 1000);
  return {
    activity_id: activity,
    activity_name: activity === 99 ? entry.operation : activityName,
    category_uid: category,
    category_name: CATEGORIES[category],
    class_uid: eventClass.uid,
    class_name: eventClass.name,
    type_uid: eventClass.uid * 100 + activity,
    type_name: `${eventClass.name}: ${activityName}`,
    time: Date.parse(entry.time),
    severity_id: failed ? 3 : 1,
    severity: failed ? 'Medium' : 'Informational',
    status_id: failed ? 2 : 1,
    status: failed ? 'Failure' : 'Success',
    status_code: entry.error_code,
    status_detail: entry.rule,
    message: `${entry.operation} ${entry.outcome}`,
    count: entry.count,
    metadata: {
      version: SCHEMA,
      product: { name: 'Coatcheck', vendor_name: 'Coatcheck', version },
      sequence: index,
      uid: exported.leaf.toString('hex'),
      correlation_uid: entry.request_id,
      original_time: entry.time,
      log_name: 'access log',
    },
    actor: actorOf(entry),
    ...subjectOf(eventClass, entry),
    api: { operation: entry.operation, request: { uid: entry.request_id } },
    src_endpoint: entry.remote_addr === undefined ? { name: 'unknown' } : addressOf(entry.remote_addr),
    unmapped: vaultFactsOf(exported),
  };
}

function actorOf({ user, role, subject, issuer }: Entry): object {
  return {
    user: {
      name: user,
      // A client of the vault, which may be a service: OCSF has no better word for it than Other.
      type_id: user === 'Admin' ? 2 : 99,
      type: user === 'Admin' ? 'Admin' : 'Client',
      groups: role === '' ? undefined : [{ name: role, type: 'role' }],
      uid: subject,
    },
    idp: issuer === undefined ? undefined : { name: issuer },
  };
}

/** What the event is about, which each class asks for in its own words. */
function subjectOf({ uid }: EventClass, entry: Entry): object {
  const { user: name, collection } = entry;
  if (uid === AUTHENTICATION.uid) return { user: { name }, service: { name: 'Coatcheck' }, is_remote: true };
  if (uid === ACCOUNT.uid) return { user: { name: 'unknown' } };
  if (uid === ENTITY.uid) return { entity: { name: 'IAM configuration', type: 'Policy' } };
  if (collection === undefined)
    return { type_id: 1, type: 'Database', database: { name: 'coatcheck', type_id: 99 } };
  return { type_id: 3, type: 'Table', table: { name: collection } };
}

/** An address, or the network that failed attempts are counted by. */
function addressOf(address: string): object {
  return address.includes('/') ? { name: address } : { ip: address };
}
