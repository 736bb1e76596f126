import type { JsonValue } from '../data-types/data-type.js';
import { starLongText } from './long-text.js';
import type { Mask } from './mask.js';
import { starDigits } from './number.js';

/**
 * `{"first_name":"Jane","age":35}` -> `{"first_name":"****","age":"**"}`: names and nesting stay, texts are starred as
 * LONG_TEXT is, numbers and booleans become starred texts, null stays null.
 */
export const jsonMask: Mask = {
  name: 'mask',
  types: ['JSON'],
  description: 'Every value starred, the names of members kept.',
  apply: (value) => starJson(value) ?? '*',
};

function starJson(value: JsonValue | null): JsonValue | null {
  if (value === null) return null;
  if (typeof value === 'string') return starLongText(value);
  if (typeof value === 'number') return starDigits(value);
  if (typeof value === 'boolean') return '*';
  if (Array.isArray(value)) return value.map(starJson);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, starJson(member)]));
}
