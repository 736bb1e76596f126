import type { Candidate, Holdings } from './plan-login.js';

/** A value that the type of its property refuses, and how it can be removed where it stands. */
export interface UnfitValue {
  readonly name: string;
  readonly value: unknown;
  readonly removable: boolean;
  readonly removableLater: boolean;
}

/**
 * Values that fit no property, as one value of the property that keeps them: an object that says where each stood, with what is in it already. Null: there are none, or the property takes
 * no such value.
 */
export function quarantineOf(
  property: string,
  unfit: readonly UnfitValue[],
  held: Holdings,
  textOf: (property: string, value: unknown) => string | null | undefined,
): Candidate | null {
  const [first] = unfit;
  if (first === undefined) return null;
  const values = unfit.map(({ name, value }) => [name, value] as const);
  const text = textOf(property, Object.fromEntries([...heldIn(held.text(property)), ...values]));
  if (typeof text !== 'string') return null;
  return {
    ...{ property, text, name: first.name, verified: undefined },
    removable: unfit.filter(({ removable }) => removable).map(({ name }) => name),
    removableLater: unfit.filter(({ removableLater }) => removableLater).map(({ name }) => name),
  };
}

/** What is kept apart, by the places where it stood. */
export function quarantinedIn(text: string | null): ReadonlyMap<string, unknown> {
  return new Map(heldIn(text));
}

/** Whatever else the property held stays beside them. */
function heldIn(text: string | null): [string, unknown][] {
  const value = text === null ? {} : (JSON.parse(text) as unknown);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? Object.entries(value) : [['', value]];
}
