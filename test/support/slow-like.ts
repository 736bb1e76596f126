/** `like` as one would explain it: obviously correct, and slow. */
export function slowLike(pattern: string, text: string): boolean {
  return from([...pattern.normalize('NFC')], [...text.normalize('NFC')]);
}

function from(pattern: readonly string[], text: readonly string[]): boolean {
  const seen = new Map<number, boolean>();
  const at = (p: number, t: number): boolean => {
    const key = p * (text.length + 1) + t;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const answer = step(p, t);
    seen.set(key, answer);
    return answer;
  };
  const step = (p: number, t: number): boolean => {
    if (p === pattern.length) return t === text.length;
    if (pattern[p] === '*') return at(p + 1, t) || (t < text.length && at(p, t + 1));
    if (t === text.length) return false;
    if (pattern[p] === '?') return at(p + 1, t + 1);
    const escapes = pattern[p] === '\\' && ['*', '?', '\\'].includes(pattern[p + 1] ?? '');
    const literal = escapes ? p + 1 : p;
    return pattern[literal] === text[t] && at(literal + 1, t + 1);
  };
  return at(0, 0);
}
