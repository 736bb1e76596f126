/**
 * The distinct runs of three characters in a text, a character being a code point; the first `most` of them where there are more.
 */
export function trigramsOf(text: string, most: number): string[] {
  const found = new Set<string>();
  let before = '';
  let last = '';
  for (const character of text) {
    if (before !== '') found.add(before + last + character);
    if (found.size >= most) break;
    before = last;
    last = character;
  }
  return [...found];
}
