import type { DataType } from './data-type.js';

/**
 * Bytes as standard base64 with padding (RFC 4648 section 4). In: base64, line breaks allowed, because several
 * languages' encoders write them; out: the one canonical spelling of the same bytes.
 */
export const blobType: DataType = {
  name: 'BLOB',
  description: 'Bytes up to the maximum blob length, as base64.',
  indexable: false,
  substringIndexable: false,
  normalise(value, limits) {
    if (typeof value !== 'string') return { ok: false, reason: 'must be a base64 string' };
    const text = value.replace(/[\r\n]+/g, '');
    if (!isPaddedBase64(text)) return { ok: false, reason: 'must be standard base64 with padding' };
    if (Buffer.byteLength(text, 'base64') > limits.maxBlobLength)
      return { ok: false, reason: 'must not be longer than db.max_blob_length' };
    return { ok: true, value: text.slice(0, -4) + canonicalQuantum(text.slice(-4)) };
  },
};

/** Looks for the first foreign character instead of matching the whole: a repeated group over megabytes overflows. */
function isPaddedBase64(text: string): boolean {
  const digits = text.slice(0, text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0));
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(digits);
}

/** Clears the bits of the last group that no byte uses: sixteen spellings would otherwise decode to one byte. */
function canonicalQuantum(quantum: string): string {
  return Buffer.from(quantum, 'base64').toString('base64');
}
