import type { DataType } from './data-type.js';

/** A type that one regular expression decides. The pattern is anchored at both ends and admits ASCII only. */
export interface PatternType extends Omit<DataType, 'normalise'> {
  readonly pattern: RegExp;
  /** Why a value was refused: a constant, never the value. */
  readonly reason: string;
  /** The one spelling of a text that matched; the text itself where absent. */
  readonly toNormalForm?: (text: string) => string;
}

/**
 * A data type for short texts of a fixed shape. There is no length check: the pattern bounds the length, and
 * being ASCII it leaves neither U+0000 nor surrogates to look for.
 */
export function patternType(type: PatternType): DataType {
  const { pattern, reason, toNormalForm, ...rest } = type;
  return {
    ...rest,
    normalise(value) {
      if (typeof value !== 'string' || !pattern.test(value)) return { ok: false, reason };
      return { ok: true, value: toNormalForm ? toNormalForm(value) : value };
    },
  };
}
