import { type Attribute, type Decision, LINK_KEY, type LoginEvent } from '../event.js';
import {
  type Fields,
  member,
  objectsIn,
  optionalName,
  optionalObject,
  optionalTime,
  requiredName,
  requiredObject,
} from '../event-fields.js';

const ROOTS = ['traits', 'metadata_public', 'metadata_admin'] as const;
/** What people sign in with and are reached at: copied, and never removed. */
const KEPT: ReadonlySet<string> = new Set(['email', 'username', 'phone', 'phone_number']);
/** Values that are one although they have members. */
const WHOLE: ReadonlySet<string> = new Set(['address']);
const DEEPEST = 5;

/** An identity that registers, changes its profile or logs in, as the body of the webhook says it. */
export function readFlow(event: Fields): LoginEvent {
  const identity = requiredObject(event, 'identity', '');
  const link = member(optionalObject(identity, 'metadata_admin', 'identity.'), LINK_KEY);
  const addresses = addressesOf(identity);
  return {
    kind: 'login',
    issuer: optionalName(event, 'issuer', ''),
    subject: requiredName(identity, 'id', 'identity.'),
    link: typeof link === 'string' ? link : undefined,
    clientId: undefined,
    transaction: undefined,
    connection: { name: 'kratos', kind: 'database' },
    attributes: ROOTS.flatMap((root) =>
      attributesUnder(root, optionalObject(identity, root, 'identity.'), addresses),
    ),
    updatedAt: optionalTime(identity, 'updated_at'),
  };
}

/**
 * The identity as it shall be. Kratos replaces each field that the answer has as a whole, so one that changes comes back complete; where nothing changes, the answer
 * is an object without members. Kratos shows nobody's administrative metadata unless it is asked to: what is not seen is not replaced, but for somebody new, who has none.
 */
export function renderFlow(
  { write, scrub }: Decision,
  event: Fields,
  flow: 'registration' | 'settings',
): object {
  const identity = optionalObject(event, 'identity', '');
  const changed: Record<string, unknown> = {};
  for (const root of ROOTS) {
    const paths = scrub.filter((path) => path.startsWith(`${root}.`));
    if (paths.length > 0) changed[root] = without(optionalObject(identity, root, ''), paths);
  }
  const link = write[LINK_KEY];
  if (link !== undefined && (flow === 'registration' || member(identity, 'metadata_admin') !== undefined)) {
    const before = (changed.metadata_admin ?? optionalObject(identity, 'metadata_admin', '')) as Fields;
    const rest = without(before, [`metadata_admin.${LINK_KEY}`]);
    changed.metadata_admin = link === null ? rest : { ...rest, [LINK_KEY]: link };
  }
  return Object.keys(changed).length > 0 ? { identity: changed } : {};
}

interface Addresses {
  /** Address -> whether somebody showed that it is theirs. */
  readonly verifiable: ReadonlyMap<unknown, boolean>;
  readonly all: ReadonlySet<unknown>;
}

function addressesOf(identity: Fields): Addresses {
  const verifiable = objectsIn(identity, 'verifiable_addresses', 'identity.');
  const recovery = objectsIn(identity, 'recovery_addresses', 'identity.');
  return {
    verifiable: new Map(verifiable.map((each) => [member(each, 'value'), member(each, 'verified') === true])),
    all: new Set([...verifiable, ...recovery].map((each) => member(each, 'value'))),
  };
}

/** Traits may be nested; each value in them is an attribute. A name with a dot would be two, so it is left where it is. */
function attributesUnder(at: string, fields: Fields, addresses: Addresses, depth = 1): Attribute[] {
  return Object.entries(fields).flatMap(([key, value]): Attribute[] => {
    const path = `${at}.${key}`;
    if (key === LINK_KEY || value === null || value === undefined) return [];
    const isObject = typeof value === 'object' && !Array.isArray(value);
    if (isObject && !WHOLE.has(key) && !key.includes('.') && depth < DEEPEST)
      return attributesUnder(path, value as Fields, addresses, depth + 1);
    const isVerified = addresses.verifiable.get(value);
    const isAddress = [value].flat().some((each) => addresses.all.has(each));
    return [
      {
        ...{ path, key, value, metadata: true },
        removable: !KEPT.has(key) && !isAddress && !key.includes('.'),
        ...(isVerified !== undefined && { verified: isVerified }),
      },
    ];
  });
}

/** A copy without what stands at the paths. */
function without(fields: Fields, paths: readonly string[]): Fields {
  const copy = structuredClone(fields) as Record<string, unknown>;
  for (const path of paths) {
    const [, ...steps] = path.split('.');
    const last = steps.pop()!;
    let place: Record<string, unknown> = copy;
    for (const step of steps) place = place[step] as Record<string, unknown>;
    delete place[last];
  }
  return copy;
}
