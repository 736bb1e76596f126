/// <reference lib="ES2024.String" />

/**
 * Whether a value is a string the vault can keep: no lone surrogate, no U+0000.
 *
 * A lone surrogate turns into U+FFFD when it is encoded as UTF-8, so what comes back would not be what went in,
 * and two different values would share one ciphertext. U+0000 cannot be stored in a PostgreSQL text.
 */
export function isWellFormedText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
}
