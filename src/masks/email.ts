import { starAllButFirst } from './stars.js';
import { textMask } from './text-mask.js';

/** `john@gmail.com` -> `j***@gmail.com`: first character and domain; a local part of one character is a star. */
export const emailMask = textMask({
  types: ['EMAIL', 'EMAIL_STRICT'],
  description: 'The first letter and the domain, the rest of the local part starred.',
  star(text) {
    // The last one, since a quoted local part may contain an @ and must not show what follows it.
    const at = text.lastIndexOf('@');
    return at < 0 ? starAllButFirst(text) : starAllButFirst(text.slice(0, at)) + text.slice(at);
  },
});
