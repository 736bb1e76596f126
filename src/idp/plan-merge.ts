import type { Holdings, Provenance } from './plan-login.js';
import { VERIFICATIONS } from './standard-claims.js';

/** A value of the secondary's that the primary gets. */
export interface Taken {
  readonly property: string;
  readonly text: string;
  readonly provenance: Provenance | undefined;
}

/** What becomes of two persons' values that turn out to be one person's. */
export interface MergePlan {
  readonly taken: readonly Taken[];
  /** Properties of which both have a value, and not the same: the primary's stays. */
  readonly conflicts: readonly string[];
}

/**
 * Fills what the primary does not have with what the secondary has; nothing that the primary has is replaced, verified or not. What says that a value is
 * verified goes where the value goes. Pure.
 */
export function planMerge(properties: Iterable<string>, primary: Holdings, secondary: Holdings): MergePlan {
  const names = [...properties];
  const taken = new Set<string>();
  const conflicts: string[] = [];
  for (const property of names) {
    const text = secondary.text(property);
    if (text === null || leaderOf(property, names) !== undefined) continue;
    const before = primary.text(property);
    if (before === null) taken.add(property);
    else if (before !== text) conflicts.push(property);
  }
  for (const property of names) {
    const leader = leaderOf(property, names);
    const text = secondary.text(property);
    if (leader === undefined || text === null) continue;
    const isSame = primary.text(leader) !== null && primary.text(leader) === secondary.text(leader);
    if (taken.has(leader) || (isSame && text === 'true')) taken.add(property);
  }
  return {
    taken: names
      .filter((property) => taken.has(property) && primary.text(property) !== secondary.text(property))
      .map((property) => ({
        property,
        text: secondary.text(property)!,
        provenance: secondary.provenance(property),
      })),
    conflicts,
  };
}

/** Of which other property this one says whether it is verified. */
function leaderOf(property: string, names: readonly string[]): string | undefined {
  const leader = VERIFICATIONS.get(property);
  return leader !== undefined && names.includes(leader) ? leader : undefined;
}
