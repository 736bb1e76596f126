/** As many stars as a text has characters; one outside the basic plane counts once, it is never split. */
export function starAll(text: string): string {
  return text.replace(/./gsu, '*');
}

/** A star per character but for spaces; any other whitespace becomes a space. */
export function starWords(text: string): string {
  return text.replace(/\S/gu, '*').replace(/\s/g, ' ');
}

/** `starWords` of the first characters, followed by `...` where more were there: the length stays hidden. */
export function starWordsCut(text: string, charactersShown: number): string {
  // A character takes at most two code units, so nothing behind this point can matter.
  const characters = Array.from(text.slice(0, 2 * (charactersShown + 1)));
  if (characters.length <= charactersShown) return starWords(text);
  return `${starWords(characters.slice(0, charactersShown).join(''))}...`;
}

/** Stars and the last characters as they are. A text that is no longer than what may be shown is starred wholly. */
export function starAllButLast(text: string, charactersShown: number): string {
  const characters = Array.from(text);
  const hidden = characters.length - charactersShown;
  if (hidden <= 0) return starAll(text);
  return '*'.repeat(hidden) + characters.slice(hidden).join('');
}

/** The first character as it is and stars; a single character is starred, or nothing would be hidden. */
export function starAllButFirst(text: string): string {
  const [first = '', ...rest] = Array.from(text);
  return rest.length === 0 ? starAll(text) : first + '*'.repeat(rest.length);
}
