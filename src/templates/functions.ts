/** A value as templates see it. */
export type Value = string | number;

/** Something templates can call; the value that is piped in comes last. */
export interface TemplateFunction {
  readonly takes: number;
  apply(args: readonly Value[]): string;
}

export const FUNCTIONS = {
  /** A value as part of a query or path: everything but letters, digits and `-_.~` is encoded, a space becomes `+`. */
  urlquery: {
    takes: 1,
    apply: ([value]) => encodeComponent(String(value)).replaceAll('%20', '+'),
  },

  /** The characters from `start` up to `end`, counted from 0; an end that is negative or past the text means the whole rest. */
  substr: {
    takes: 3,
    apply([start, end, value]) {
      const [from, to] = [Math.max(0, integer(start)), integer(end)];
      return [...String(value)].slice(from, to < 0 ? undefined : to).join('');
    },
  },

  /** A value between the quotes of a JSON string. */
  escape_quotes: { takes: 1, apply: ([value]) => escapeForJson(String(value)) },
} as const satisfies Record<string, TemplateFunction>;

export type FunctionName = keyof typeof FUNCTIONS;

export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}

/** As `encodeURIComponent`, which leaves `!'()*` as they are. A lone surrogate has no encoding: it becomes U+FFFD. */
export function encodeComponent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Escapes quotes, backslashes and control characters, so that the text cannot end the JSON string it stands in. */
export function escapeForJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function integer(value: Value | undefined): number {
  const number = Math.trunc(Number(value));
  return Number.isSafeInteger(number) ? number : 0;
}
