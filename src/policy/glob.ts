/**
 * Compiles one segment of a policy resource, where `*` stands for any run of characters, none included; every
 * other character stands for itself. The test looks at each literal part once, from left to right: it never
 * backtracks, so no pattern can be slow.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return (text) => text === pattern;

  const head = parts[0] ?? '';
  const tail = parts.at(-1) ?? '';
  const middle = parts.slice(1, -1).filter((part) => part !== '');

  return (text) => {
    if (!text.startsWith(head) || !text.endsWith(tail)) return false;

    let from = head.length;
    for (const part of middle) {
      const at = text.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    // No two parts share characters: `ab*ba` does not match `aba`.
    return from <= text.length - tail.length;
  };
}
