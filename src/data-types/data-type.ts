/** JSON as it travels: what a property's value can be once it passed its data type. */
export type JsonValue =
  string | number | boolean | (JsonValue | null)[] | { [key: string]: JsonValue | null };

/** Lengths an operator may change; taken from the settings `db.max_string_length` and `db.max_blob_length`. */
export interface TypeLimits {
  /** Longest STRING-like value, in UTF-16 code units. */
  readonly maxStringLength: number;
  /** Longest LONG_TEXT, JSON text or decoded BLOB, in bytes. */
  readonly maxBlobLength: number;
  /** False only where `features.disable_cc_luhn_validation` is set. */
  readonly checkLuhn: boolean;
}

/** A value in its one normal form, or the reason it has none. The reason is a constant and never quotes the value. */
export type Normalised =
  { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly reason: string };

/** A built-in data type: everything the vault knows about one kind of value. Pure. */
export interface DataType {
  readonly name: string;
  readonly description: string;
  /** May carry `is_index` and `is_unique`. */
  readonly indexable: boolean;
  /** May carry `is_substring_index`. */
  readonly substringIndexable: boolean;
  /**
   * So few values exist that a blind index would show them by their frequency: `is_index` is accepted and
   * stored, but no blind index is built.
   */
  readonly lowEntropy?: true;
  /**
   * Validates and normalises one non-null JSON value. Equal things have equal normal forms: the normal form is
   * what is sealed, indexed, matched and returned.
   */
  normalise(value: unknown, limits: TypeLimits): Normalised;
}
