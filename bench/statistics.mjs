/**
 * The middle one, or the mean of the two in the middle. NaN of nothing.
 * @param {readonly number[]} values
 * @returns {number}
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The smallest value that at least `percent` of all are not above. NaN of nothing.
 * @param {readonly number[]} values
 * @param {number} percent
 * @returns {number}
 */
export function percentile(values, percent) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}

/**
 * `value` as a multiple of `of`, with two decimals.
 * @param {number} value
 * @param {number} of
 * @returns {number}
 */
export function ratio(value, of) {
  return Math.round((value / of) * 100) / 100;
}
