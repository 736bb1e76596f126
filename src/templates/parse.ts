import { VaultError } from '../errors.js';
import { FUNCTIONS, type FunctionName, isFunctionName } from './functions.js';

/** A template in pieces: texts and what stands between `{{` and `}}`. */
export type Piece = string | Pipeline;

/** Steps from left to right; each after the first gets the value before it as its last argument. */
export type Pipeline = readonly [first: Step, ...rest: Step[]];
export type Step = Operand | Application;

export type Operand =
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'literal'; readonly value: string | number };

export interface Application {
  readonly kind: 'apply';
  readonly function: FunctionName;
  readonly args: readonly Operand[];
}

const TOKEN =
  /\s*(?:(\.[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(-?\d{1,9})(?![\w.])|("(?:[^"\\\n]|\\["\\])*")|([A-Za-z_]\w*)|(\|))/y;

/**
 * Reads the part of Go's text/template that api.md 7.6 names: fields (`.card.number`), pipes, and the functions of functions.ts. Anything else is
 * refused. Throws PV9062 naming the field of the request and a constant reason.
 */
export function parseTemplate(text: string, field: string): Piece[] {
  const refuse: Refuse = (reason) => {
    throw new VaultError('PV9062', { field, reason });
  };
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length;) {
    const open = text.indexOf('{{', at);
    if (open < 0) {
      pieces.push(text.slice(at));
      break;
    }
    if (open > at) pieces.push(text.slice(at, open));
    const inside = tokensOf(text, open + 2, refuse);
    pieces.push(pipelineOf(inside.tokens, refuse));
    at = inside.end;
  }
  return pieces;
}

type Refuse = (reason: string) => never;
type Token = Operand | { readonly kind: 'name'; readonly name: string } | { readonly kind: 'pipe' };

/** The tokens up to `}}`, which may also stand inside a string. */
function tokensOf(text: string, start: number, refuse: Refuse): { tokens: Token[]; end: number } {
  const tokens: Token[] = [];
  for (let at = start; ;) {
    const close = /\s*\}\}/y;
    close.lastIndex = at;
    if (close.test(text)) return { tokens, end: close.lastIndex };

    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) return refuse('what stands between {{ and }} is not understood');
    const [, path, number, string, name] = match;
    if (path) tokens.push({ kind: 'field', path: path.slice(1).split('.') });
    else if (number) tokens.push({ kind: 'literal', value: Number(number) });
    else if (string) tokens.push({ kind: 'literal', value: JSON.parse(string) as string });
    else if (name) tokens.push({ kind: 'name', name });
    else tokens.push({ kind: 'pipe' });
    at = TOKEN.lastIndex;
  }
}

function pipelineOf(tokens: readonly Token[], refuse: Refuse): Pipeline {
  const groups: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'pipe') groups.push([]);
    else groups.at(-1)!.push(token);
  }
  const [first, ...rest] = groups.map((group, i) => stepOf(group, i > 0, refuse));
  return [first!, ...rest];
}

function stepOf([head, ...args]: readonly Token[], piped: boolean, refuse: Refuse): Step {
  if (head === undefined || head.kind === 'pipe') return refuse('a step is empty');
  if (head.kind !== 'name') {
    if (args.length > 0) return refuse('only a function takes arguments');
    if (piped) return refuse('a value can only be piped into a function');
    return head;
  }
  if (!isFunctionName(head.name)) return refuse('the function is unknown');
  const operands = args.filter((arg) => arg.kind === 'field' || arg.kind === 'literal');
  if (operands.length !== args.length) return refuse('an argument must be a field or a literal');
  if (operands.length + (piped ? 1 : 0) !== FUNCTIONS[head.name].takes) {
    return refuse('the number of arguments is wrong');
  }
  return { kind: 'apply', function: head.name, args: operands };
}
