import type { DataType, JsonValue } from './data-type.js';
import { isWellFormedText } from './well-formed.js';

/** Deep enough for any profile, shallow enough that a recursion over it cannot exhaust the stack. */
const MAX_DEPTH = 20;

type JsonObject = { [name: string]: JsonValue | null };

/**
 * A JSON object (RFC 8259). In: a parsed object; out: an equivalent one with its members sorted by name at every
 * level, so that two objects that differ in order only match each other and get the same deterministic token.
 */
export const jsonType: DataType = {
  name: 'JSON',
  description: 'A JSON object at most 20 levels deep and up to the maximum blob length as text.',
  indexable: false,
  substringIndexable: false,
  normalise(value, limits) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { ok: false, reason: 'must be a JSON object' };
    const flaw = flawOf(value, 0);
    if (flaw !== undefined) return { ok: false, reason: flaw };

    const object = sortedObject(value as JsonObject);
    if (Buffer.byteLength(JSON.stringify(object)) > limits.maxBlobLength)
      return { ok: false, reason: 'must not be longer than db.max_blob_length' };
    return { ok: true, value: object };
  },
};

/** Why a value cannot be kept, or undefined. The depth is checked on the way down, so a cycle ends there too. */
function flawOf(value: unknown, depthAbove: number): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'must hold finite numbers only';
  if (typeof value === 'string') return textFlawOf(value);
  if (typeof value !== 'object') return 'must hold JSON values only';
  if (depthAbove >= MAX_DEPTH) return 'must not be nested deeper than 20 levels';
  if (Array.isArray(value)) return firstFlaw(value, depthAbove + 1);

  for (const name of Object.keys(value)) {
    // An own member of this name is harmless in itself, but whoever copies it by assignment sets a prototype.
    if (name === '__proto__') return 'must not have a member named __proto__';
    const flaw = textFlawOf(name);
    if (flaw !== undefined) return flaw;
  }
  return firstFlaw(Object.values(value), depthAbove + 1);
}

function firstFlaw(values: readonly unknown[], depthAbove: number): string | undefined {
  for (const value of values) {
    const flaw = flawOf(value, depthAbove);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function textFlawOf(text: string): string | undefined {
  return isWellFormedText(text) ? undefined : 'must hold well-formed Unicode without U+0000 only';
}

/** The same object with sorted members and without negative zero, which JSON text cannot tell from zero. */
function sortedObject(object: JsonObject): JsonObject {
  const members = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, value]) => [name, sorted(value)]));
}

function sorted(value: JsonValue | null): JsonValue | null {
  if (value === null || typeof value !== 'object') return value === 0 ? 0 : value;
  return Array.isArray(value) ? value.map(sorted) : sortedObject(value);
}
