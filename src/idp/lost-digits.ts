/**
 * Whether a number in it is longer than numbers are here: digits were lost on the way, and only the provider has them still. What was lost must not be taken for the value.
 */
export function hasLostDigits(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLostDigits);
}
