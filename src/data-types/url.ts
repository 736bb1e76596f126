import type { DataType } from './data-type.js';
import { isWellFormedText } from './well-formed.js';

/** Whitespace, control characters and the backslash: the WHATWG parser drops or rewrites them without a word. */
const REWRITTEN_BY_PARSERS = /[\s\p{Cc}\\]/u;

/**
 * An absolute URL by the WHATWG standard, or a path that begins with one slash (RFC 3986, path-absolute). The text
 * is kept as given. What parsers disagree on is refused: two readers would see two different hosts.
 */
export const urlType: DataType = {
  name: 'URL',
  description: 'An absolute URL or an absolute path.',
  indexable: true,
  substringIndexable: true,
  normalise(value, limits) {
    if (!isWellFormedText(value) || REWRITTEN_BY_PARSERS.test(value))
      return { ok: false, reason: 'must be a URL without spaces, control characters and backslashes' };
    if (value.length > limits.maxStringLength)
      return { ok: false, reason: 'must not be longer than db.max_string_length' };
    if (!isPathAbsolute(value) && !URL.canParse(value))
      return { ok: false, reason: 'must be an absolute URL or an absolute path' };
    return { ok: true, value };
  },
};

/** Two leading slashes would name a host, not a path. */
function isPathAbsolute(text: string): boolean {
  return text.startsWith('/') && !text.startsWith('//');
}
