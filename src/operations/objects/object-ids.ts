import { VaultError } from '../../errors.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Object ids as they are stored: lower case, each once. What is no UUID names no object: PV3005, which then does not repeat
 * it, because it could be anything.
 */
export function readObjectIds(ids: readonly string[]): string[] {
  const lowered = [...new Set(ids.map((id) => id.toLowerCase()))];
  if (!lowered.every((id) => UUID.test(id))) throw new VaultError('PV3005', { ids: '(not a UUID)' });
  return lowered;
}

/** A value as an object id, in lower case; undefined where it is none. */
export function asObjectId(value: unknown): string | undefined {
  const lowered = typeof value === 'string' ? value.toLowerCase() : '';
  return UUID.test(lowered) ? lowered : undefined;
}

/** Throws PV3005 with the ids among `wanted` that were not found. */
export function checkAllFound(wanted: readonly string[], found: Iterable<{ readonly id: string }>): void {
  const there = new Set([...found].map(({ id }) => id));
  const missing = wanted.filter((id) => !there.has(id));
  if (missing.length > 0) throw new VaultError('PV3005', { ids: missing.join(', ') });
}
