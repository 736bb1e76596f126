import type { Adapter } from './adapter.js';
import { hasLostDigits } from './lost-digits.js';
import { mapAttributes } from './map-attributes.js';
import type { LoginRules } from './login.js';
import type { Attribute } from './event.js';
import type { Holdings } from './plan-login.js';
import { quarantinedIn } from './quarantine.js';

/** A place at the provider, and the property whose value stood there. */
export interface Aim {
  readonly place: string;
  readonly property: string;
}

/** Why nothing is put back at a place. */
export type LeftReason = 'not_kept' | 'no_place' | 'not_allowed' | 'no_value' | 'lost_digits';

export interface Left {
  readonly place: string;
  readonly reason: LeftReason;
}

/** What is to be put back, as far as it can be told without looking at anybody. */
export interface Aims {
  readonly aims: readonly Aim[];
  readonly left: readonly Left[];
}

/**
 * The properties that go with places, by the same map that a login goes by. A place must be one that the hook keeps: from any other the next login would remove the value again, and whoever may change the
 * configuration, not the caller, says what may stand at the provider. Pure.
 */
export function aimAt(
  { refuseSource, writeBack }: Adapter,
  { map, keep, quarantine }: LoginRules,
  properties: Iterable<string>,
  mayRead: (property: string) => boolean,
  places: readonly string[],
): Aims {
  // As at a login, nothing is mapped to what keeps values that fit nowhere.
  const known = new Set([...properties].filter((property) => property !== quarantine));
  const aims: Aim[] = [];
  const left: Left[] = [];
  for (const place of new Set(places)) {
    const found = refuseSource(place) === null ? writeBack?.place(place) : null;
    const attributes: Attribute[] = found ? [{ ...found, path: place, value: null, removable: true }] : [];
    const [mapped] = mapAttributes(attributes, map, known).mapped;
    if (!mapped) left.push({ place, reason: 'no_place' });
    else if (!keep.includes(place)) left.push({ place, reason: 'not_kept' });
    else if (!mayRead(mapped.property)) left.push({ place, reason: 'not_allowed' });
    else aims.push({ place, property: mapped.property });
  }
  return { aims, left };
}

/** The value that stood at a place: the property's, or what was kept apart because it fitted none. `quarantine` is one that may be read. */
export function valueFor(
  { place, property }: Aim,
  { text }: Pick<Holdings, 'text'>,
  quarantine: string | undefined,
): { readonly value: unknown } | LeftReason {
  const held = text(property);
  const value: unknown =
    held !== null
      ? JSON.parse(held)
      : quarantine === undefined
        ? undefined
        : quarantinedIn(text(quarantine)).get(place);
  if (value === undefined) return 'no_value';
  return hasLostDigits(value) ? 'lost_digits' : { value };
}

/** Whether a place is as a removal leaves it. Anything else came there since, and stays. */
export function isEmptied(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === '';
}
