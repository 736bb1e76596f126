import type { Entry } from '../entry.js';
import { type Action, actionOf } from './actions.js';
import type { ExportFormat, ExportedEntry } from './exported-entry.js';
import { behindEvent, jsonLine } from './json-line.js';
import { vaultFactsOf } from './vault-facts.js';

/* Elastic Common Schema 8.11 (https://www.elastic.co/guide/en/ecs). What it has no field for stands under `coatcheck`. */

const SCHEMA = '8.11.0';

/** Category and types of an action, in the words that ECS allows. */
const EVENTS: Readonly<Record<Action, readonly [category: string[], type: string[]]>> = {
  authenticate: [['authentication'], ['start']],
  'iam-read': [['iam'], ['info']],
  'iam-change': [['iam', 'configuration'], ['change']],
  'credential-change': [['iam'], ['user', 'change']],
  read: [['database'], ['access']],
  list: [['database'], ['access']],
  query: [['database'], ['access']],
  create: [['database'], ['creation']],
  update: [['database'], ['change']],
  delete: [['database'], ['deletion']],
  encrypt: [['database'], ['access']],
  decrypt: [['database'], ['access']],
  other: [['database'], ['info']],
};

export const ecs: ExportFormat = {
  contentType: 'application/x-ndjson',
  line: (exported, version) => jsonLine(eventOf(exported, version)),
  positionBehind: (line) =>
    behindEvent(line, (said) => {
      const { sequence, id } = (said as { event: { sequence?: number; id?: string } }).event;
      return { index: sequence, leaf: id };
    }),
};

function eventOf(exported: ExportedEntry, version: string): object {
  const { entry, index } = exported;
  const [category, type] = EVENTS[actionOf(entry.operation)];
  return {
    '@timestamp': entry.time,
    ecs: { version: SCHEMA },
    message: `${entry.operation} ${entry.outcome}`,
    event: {
      kind: entry.operation === 'integrityAlarm' ? 'alert' : 'event',
      category,
      type: entry.outcome === 'denied' ? [...type, 'denied'] : type,
      action: entry.operation,
      outcome: entry.outcome === 'denied' || entry.outcome === 'failed' ? 'failure' : 'success',
      dataset: 'coatcheck.access_log',
      provider: 'coatcheck',
      id: exported.leaf.toString('hex'),
      sequence: index,
      code: entry.error_code,
      reason: entry.rule,
    },
    user: userOf(entry),
    source: entry.remote_addr === undefined ? undefined : sourceOf(entry.remote_addr),
    http: { request: { id: entry.request_id } },
    service: { name: 'coatcheck', type: 'coatcheck', version },
    organization: entry.tenants?.length === 1 ? { id: entry.tenants[0] } : undefined,
    coatcheck: ownOf(exported),
  };
}

function userOf({ user, role, subject, issuer }: Entry): object {
  return { name: user, id: subject, domain: issuer, roles: role === '' ? undefined : [role] };
}

function sourceOf(address: string): object {
  return address.includes('/') ? { address } : { address, ip: address };
}

function ownOf(exported: ExportedEntry): object {
  const { entry } = exported;
  return {
    ...vaultFactsOf(exported),
    collection: entry.collection,
    asked: entry.asked?.map(termOf),
    revealed: entry.revealed?.map(termOf),
    count: entry.count,
  };
}

/** One word for a property and how it was shown: Elasticsearch would flatten a list of lists, and then nobody knows what belongs together. */
function termOf([property, transformation]: readonly [string, string | null]): string {
  return transformation === null ? property : `${property}.${transformation}`;
}
