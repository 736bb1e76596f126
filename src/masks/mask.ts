import type { JsonValue } from '../data-types/data-type.js';

/** What a transformation may know besides the value. Time is passed in so that it stays pure. */
export interface MaskContext {
  readonly now: Date;
}

/** A transformation of a stored value, asked for as `property.name` or imposed by a role. Pure; never throws on a value its type accepted. */
export interface Mask {
  /** The name behind the dot, e.g. `mask` or `age`. */
  readonly name: string;
  /** The built-in data types it applies to. */
  readonly types: readonly string[];
  readonly description: string;
  apply(value: JsonValue, context: MaskContext): JsonValue;
}
