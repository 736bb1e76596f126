import { VaultError } from '../../errors.js';
import type { TypeLimits } from '../../data-types/data-type.js';
import type { KnownCollection } from '../collection-named.js';
import { valueText } from './read-fields.js';

/** Times that a body states for its object under `import=true`; what it does not state is missing. */
export interface ImportedTimes {
  readonly createdAt?: Date;
  readonly modifiedAt?: Date;
  /** Null: never. */
  readonly expiresAt?: Date | null;
}

const PROPERTIES = {
  _creation_time: 'createdAt',
  _modification_time: 'modifiedAt',
  _expiration_time: 'expiresAt',
} as const satisfies Record<string, keyof ImportedTimes>;

/**
 * Takes the times out of a body. Null of `_expiration_time` means never, of the others nothing. Throws PV3002 for what is no
 * timestamp, or none after 1970, which no key row could vouch for.
 */
export function takeTimes(
  collection: KnownCollection,
  body: Readonly<Record<string, unknown>>,
  limits: TypeLimits,
): { times: ImportedTimes; rest: Readonly<Record<string, unknown>> } {
  const rest = { ...body };
  const times: { -readonly [Name in keyof ImportedTimes]: ImportedTimes[Name] } = {};
  for (const [property, name] of Object.entries(PROPERTIES)) {
    if (!Object.hasOwn(rest, property)) continue;
    const value = rest[property];
    delete rest[property];
    if (value !== null) times[name] = momentOf(collection, property, value, limits);
    else if (name === 'expiresAt') times[name] = null;
  }
  return { times, rest };
}

/** The names of the properties whose times are stated. */
export function statedTimes(times: ImportedTimes): string[] {
  return Object.entries(PROPERTIES).flatMap(([property, name]) => (name in times ? [property] : []));
}

function momentOf(collection: KnownCollection, name: string, value: unknown, limits: TypeLimits): Date {
  const property = collection.all.get(name)!;
  const moment = new Date(JSON.parse(valueText(property, value, limits)) as string);
  if (!(moment.getTime() > 0)) {
    throw new VaultError('PV3002', { property: name, reason: 'must lie after 1970' });
  }
  return moment;
}
