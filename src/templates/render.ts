import { VaultError } from '../errors.js';
import { FUNCTIONS, type Value, encodeComponent, escapeForJson } from './functions.js';
import type { Operand, Piece, Pipeline, Step } from './parse.js';

/** Where a text goes decides how a variable that stands there by itself is escaped: as a part of a URL, or between the quotes of JSON. */
export type Place = 'url' | 'text';

/** Longest text that a template may come to, in UTF-16 code units. */
const LONGEST = 1024 * 1024;

/**
 * Fills a template. A variable that goes through no function is escaped for its place; what a function gave is put in as it is. Throws PV9062 naming
 * the field where a variable has no value or the text gets too long.
 */
export function renderTemplate(
  pieces: readonly Piece[],
  variables: Readonly<Record<string, unknown>>,
  place: Place,
  field: string,
): string {
  const refuse = (reason: string): never => {
    throw new VaultError('PV9062', { field, reason });
  };
  let text = '';
  for (const piece of pieces) {
    text += typeof piece === 'string' ? piece : fill(piece, variables, place, refuse);
    if (text.length > LONGEST) refuse('the text is too long');
  }
  return text;
}

type Refuse = (reason: string) => never;

function fill(
  [first, ...rest]: Pipeline,
  variables: Readonly<Record<string, unknown>>,
  place: Place,
  refuse: Refuse,
): string {
  const resolve = (operand: Operand): unknown =>
    operand.kind === 'literal' ? operand.value : valueAt(variables, operand.path, refuse);

  if (rest.length === 0 && first.kind === 'field') {
    const value = resolve(first);
    if (place === 'url') return encodeComponent(textOf(value));
    // A number or an object is a JSON value by itself, of which nothing may be escaped.
    return typeof value === 'string' ? escapeForJson(value) : textOf(value);
  }
  const apply = (step: Step, piped: readonly Value[]): Value => {
    if (step.kind !== 'apply') return plain(resolve(step));
    const args = [...step.args.map((arg) => plain(resolve(arg))), ...piped];
    return FUNCTIONS[step.function].apply(args);
  };
  let value = apply(first, []);
  for (const step of rest) value = apply(step, [value]);
  return String(value);
}

function valueAt(variables: unknown, path: readonly string[], refuse: Refuse): unknown {
  let value = variables;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
      return refuse('a variable has no value');
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value ?? refuse('a variable has no value');
}

function plain(value: unknown): Value {
  return typeof value === 'string' || typeof value === 'number' ? value : textOf(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
