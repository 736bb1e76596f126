import type { ComponentChild } from 'preact';

/** Controls, bidirectional and other format characters, line separators, and spaces that look like one but are not. */
const INVISIBLE = /([\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]|(?! )\p{Zs})/u;

/**
 * A text from the log. Somebody else wrote it: it is text and never markup, it cannot change the direction of what stands around it, and characters that nobody
 * sees are shown by their numbers.
 */
export function VisibleText({ text }: { readonly text: string }) {
  // The odd parts are those that the expression caught.
  const parts = text.split(INVISIBLE);
  return (
    <bdi class="text">{parts.map((part, at): ComponentChild => (at % 2 ? <Mark sign={part} /> : part))}</bdi>
  );
}

function Mark({ sign }: { readonly sign: string }) {
  const number = sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return <span class="mark">U+{number}</span>;
}
