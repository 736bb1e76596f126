export type Counts = Map<string, number>;

/** Names of places are not without number, unless somebody made data of them: then the rest is one. */
const MOST_NAMES = 1_000;

export function count(counts: Counts, name: string): void {
  const what = counts.has(name) || counts.size < MOST_NAMES ? name : '(others)';
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** Most first, so that what matters stands on top. */
export function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

/** Sorted counts for people, under a heading; nothing where there are none. */
export function listed(heading: string, counts: Readonly<Record<string, number>>): string[] {
  const lines = Object.entries(counts).map(([what, n]) => `  ${String(n).padStart(9)}  ${what}`);
  return lines.length === 0 ? [] : [`${heading}:`, ...lines];
}
