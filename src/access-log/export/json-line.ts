import type { LinePosition } from './exported-entry.js';

/**
 * An event as one line of JSON. What JSON leaves alone but terminals and line readers act on (C1 controls, the Unicode line separators) is escaped as
 * well: free texts are somebody else's words. Absent members are left out.
 */
export function jsonLine(event: object): string {
  return JSON.stringify(event).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The position behind the event on a line: `read` finds the index in it, and the leaf hash. Null for what is no such line. */
export function behindEvent(
  line: string,
  read: (event: unknown) => { readonly index?: number; readonly leaf?: string },
): LinePosition | null {
  try {
    const { index, leaf } = read(JSON.parse(line));
    return index !== undefined && Number.isSafeInteger(index) && index >= 0
      ? { next: index + 1, leaf }
      : null;
  } catch {
    return null;
  }
}
