/** Names that say where something is. Anything else in a caller's hand could be a value in the place of a name. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

/** The JSON pointer to a place in the body, as an error may show it: it ends before the first step that does not look like a name. */
export function pointerTo(path: readonly (string | number)[]): string {
  const end = path.findIndex((step) => typeof step === 'string' && !NAME.test(step));
  const shown = end < 0 ? path : path.slice(0, end);
  return shown.length === 0 ? 'body' : shown.map((step) => `/${step}`).join('');
}

/** The name of a query parameter as an error may show it. */
export function shownName(name: string): string {
  return NAME.test(name) ? name : 'query';
}

/** What a name could have been meant to be. */
export function those(known: readonly string[]): string {
  return known.length === 0 ? '' : ` Known are: ${known.join(', ')}.`;
}
