import { trigramsOf } from './trigrams.js';

/** A longer pattern is refused: matching takes time in proportion to it. */
export const MOST_PATTERN_CHARACTERS = 256;

/** More than these narrow a search no further worth their price. */
const MOST_PATTERN_TRIGRAMS = 16;

/** A pattern of `like`, ready to be matched. */
export interface LikePattern {
  /** Three-character runs that every match contains; none: the pattern has no literal of that length. */
  readonly trigrams: readonly string[];
  matches(text: string): boolean;
}

/** One character that must be there: this one, or null for any. */
type Token = string | null;

/**
 * Reads a pattern: `*` is any run of characters, none included, `?` is one character, and a backslash before one of these or before itself takes its
 * meaning away; before anything else it stands for itself. It matches the whole text, case counts, a character is a code point, and
 * pattern and text are compared in Unicode NFC. Null where the pattern is longer than {@link MOST_PATTERN_CHARACTERS}.
 */
export function readLikePattern(pattern: string): LikePattern | null {
  const characters = [...pattern.normalize('NFC')];
  if (characters.length > MOST_PATTERN_CHARACTERS) return null;

  const tokens: Token[] = [];
  /** Places between tokens, by the number of tokens before, where any run may stand. */
  const gaps = new Set<number>();
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    const next = characters[i + 1];
    if (character === '*') gaps.add(tokens.length);
    else if (character === '?') tokens.push(null);
    else if (character === '\\' && (next === '*' || next === '?' || next === '\\'))
      tokens.push(characters[++i]!);
    else tokens.push(character);
  }
  return { trigrams: literalTrigrams(tokens, gaps), matches: matcherOf(tokens, gaps) };
}

function literalTrigrams(tokens: readonly Token[], gaps: ReadonlySet<number>): string[] {
  const literals = [''];
  tokens.forEach((token, i) => {
    if (gaps.has(i) || token === null) literals.push('');
    if (token !== null) literals[literals.length - 1] += token;
  });
  const trigrams = new Set(literals.flatMap((literal) => trigramsOf(literal, MOST_PATTERN_TRIGRAMS)));
  return [...trigrams].slice(0, MOST_PATTERN_TRIGRAMS);
}

/**
 * All prefixes of the pattern that the text so far can be, as bits, moved on by one character at a time: state `i` is reached when `i`
 * tokens are used up, and stays reached where a run may stand. It never goes back in the text, so no pattern and no text can be slow.
 */
function matcherOf(tokens: readonly Token[], gaps: ReadonlySet<number>): (text: string) => boolean {
  const words = (tokens.length >> 5) + 1;
  const stays = bitsOf(words, [...gaps]);
  const anyway = bitsOf(words, indicesOf(tokens, null));
  const advances = new Map<string, Uint32Array>();
  for (const token of tokens) {
    if (token === null || advances.has(token)) continue;
    advances.set(token, bitsOf(words, [...indicesOf(tokens, null), ...indicesOf(tokens, token)]));
  }

  return (text) => {
    const states = bitsOf(words, [0]);
    for (const character of text.normalize('NFC')) {
      const advance = advances.get(character) ?? anyway;
      let carried = 0;
      let alive = 0;
      for (let w = 0; w < words; w++) {
        const moving = states[w]! & advance[w]!;
        const next = (moving << 1) | carried | (states[w]! & stays[w]!);
        carried = moving >>> 31;
        states[w] = next;
        alive |= next;
      }
      if (alive === 0) return false;
    }
    return ((states[tokens.length >> 5]! >>> (tokens.length & 31)) & 1) === 1;
  };
}

function indicesOf(tokens: readonly Token[], wanted: Token): number[] {
  return tokens.flatMap((token, i) => (token === wanted ? [i] : []));
}

function bitsOf(words: number, indices: readonly number[]): Uint32Array {
  const bits = new Uint32Array(words);
  for (const i of indices) bits[i >> 5]! |= 1 << (i & 31);
  return bits;
}
