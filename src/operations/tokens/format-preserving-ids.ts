import { passesLuhn } from '../../data-types/luhn.js';

/** How many ids share the ends of one card number: five free digits, the sixth is the check digit's. */
export const CARD_IDS = 100_000;
const CHECK_DIGITS = '0123456789';

/** The id with the ends of `card` and `digits` (0 to 99,999) between them: 16 digits that pass Luhn's check. Pure. */
export function cardId(card: string, digits: number): string {
  const start = card.slice(0, 6) + String(digits).padStart(5, '0');
  const end = card.slice(-4);
  const check = [...CHECK_DIGITS].find((digit) => passesLuhn(start + digit + end))!;
  return start + check + end;
}

/**
 * The first id that is free among those that `draw` (0 to 99,999) leads to, or null after `tries` draws. The card number itself is never an
 * id: it must not pass for its own token.
 */
export function candidateIds(card: string, tries: number, draw: () => number): string[] {
  const ids = new Set<string>();
  for (let i = 0; i < tries; i++) ids.add(cardId(card, draw()));
  ids.delete(card);
  return [...ids];
}

/** The computed id: the first one of the attempts (0, 1, …) that is not the card number itself. */
export function computedCardId(card: string, digitsOf: (attempt: number) => number): string {
  for (let attempt = 0; ; attempt++) {
    const id = cardId(card, digitsOf(attempt));
    if (id !== card) return id;
  }
}
