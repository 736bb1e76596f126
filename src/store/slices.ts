/** Byte strings sent as one, and where in it each begins (from 1, as SQL counts) and how long it is. */
export interface Slices {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
}

/**
 * Whole bytes for a statement to cut up again with {@link cut}: an array of bytes goes to the database as text, each byte as two digits that both
 * sides read one by one.
 */
export function slicesOf(parts: readonly Buffer[]): Slices {
  const lengths = parts.map(({ length }) => length);
  let end = 1;
  const starts = lengths.map((length) => (end += length) - length);
  return { bytes: Buffer.concat(parts), starts, lengths };
}

/** The SQL for one of them. `bytes`, `start` and `length` are expressions, such as `$4` and columns of an unnest. */
export function cut(bytes: string, start: string, length: string): string {
  return `substring(${bytes}::bytea from ${start} for ${length})`;
}
