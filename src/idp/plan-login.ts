import type { ConflictRule } from '../policy/idp-hooks.js';
import type { ConnectionKind } from './event.js';
import { VERIFICATIONS } from './standard-claims.js';

/** A value of the provider's that fits its property. */
export interface Candidate {
  readonly property: string;
  /** As it is sealed. */
  readonly text: string;
  /** Where it stands at the provider, first of all. */
  readonly name: string;
  /** Where it stands there and can be removed. */
  readonly removable: readonly string[];
  /** Where it stands and can only be removed later, through the provider's API. */
  readonly removableLater: readonly string[];
  readonly verified: boolean | undefined;
}

/** Where the vault's value of a property came from. */
export interface Provenance {
  readonly connection: string;
  /** Milliseconds since 1970: when the provider last changed it, as far as it says. */
  readonly at: number | null;
  readonly verified: boolean | null;
}

/** What the vault has of somebody. */
export interface Holdings {
  /** The value as it is sealed; null: none. */
  text(property: string): string | null;
  provenance(property: string): Provenance | undefined;
}

/** How values of one login are weighed against the vault's. */
export interface Weighing {
  readonly kind: ConnectionKind;
  readonly rules: ReadonlyMap<string, ConflictRule>;
  readonly updatedAt: Date | undefined;
  /** The event may have been overtaken by others. */
  readonly late: boolean;
}

/** What to store, and what the provider need not have any longer once that is done. */
export interface Plan {
  readonly writes: readonly Candidate[];
  readonly scrub: readonly string[];
  /** The same, of what only the provider's API can remove. */
  readonly scrubLater: readonly string[];
}

type Verdict = 'write' | 'same' | 'superseded' | 'left';

/**
 * Decides for each value whether it goes into the vault. Absence never decides anything: only values that are there are looked at, so
 * nothing is ever cleared. A value is scrubbed if the vault then has it, or has one that outranks it; never otherwise. Pure.
 */
export function planLogin(candidates: readonly Candidate[], held: Holdings, weighing: Weighing): Plan {
  const verdicts = new Map<string, Verdict>();
  for (const candidate of candidates) verdicts.set(candidate.property, weigh(candidate, held, weighing));
  for (const candidate of candidates) {
    const leader = verdicts.get(VERIFICATIONS.get(candidate.property) ?? '');
    if (leader !== undefined) verdicts.set(candidate.property, follow(leader, candidate, held));
  }

  const having = (verdict: Verdict): Candidate[] =>
    candidates.filter(({ property }) => verdicts.get(property) === verdict);
  const gone = [...having('write'), ...having('same'), ...having('superseded')];
  return {
    writes: having('write'),
    scrub: gone.flatMap(({ removable }) => removable),
    scrubLater: gone.flatMap(({ removableLater }) => removableLater),
  };
}

function weigh(candidate: Candidate, held: Holdings, weighing: Weighing): Verdict {
  const { kind, rules, updatedAt, late } = weighing;
  const { property, text, verified } = candidate;
  const before = held.text(property);
  const provenance = held.provenance(property);
  const rule = rules.get(property) ?? rules.get('*') ?? (kind === 'social' ? 'fill-only' : 'idp-wins');

  if (before === text) return 'same';
  // The vault had one, and whoever took it away meant it.
  if (before === null) return rule === 'vault-wins' && provenance ? 'superseded' : 'write';
  if (verified === false && provenance?.verified === true) return 'left';
  // What is told late of before the vault's value is no news: neither is it taken, nor is it there any more to be removed.
  if (late && !isNewer(updatedAt, provenance)) return 'left';
  switch (rule) {
    case 'idp-wins':
      return 'write';
    case 'vault-wins':
    case 'fill-only':
      return 'superseded';
    case 'newest':
      return isNewer(updatedAt, provenance) ? 'write' : 'superseded';
  }
}

function isNewer(updatedAt: Date | undefined, provenance: Provenance | undefined): boolean {
  const known = provenance?.at ?? null;
  return updatedAt !== undefined && (known === null || updatedAt.getTime() > known);
}

/** What says that a value is verified is true of that value alone: it goes where the value goes. */
function follow(leader: Verdict, { property, text }: Candidate, held: Holdings): Verdict {
  if (leader === 'write') return 'write';
  if (held.text(property) === text) return 'same';
  return leader === 'same' && text === 'true' ? 'write' : 'left';
}
