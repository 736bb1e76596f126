import { VaultError } from '../errors.js';
import { type ContractOperation, contract } from '../generated/contract.js';

/** An operation of the contract and the decoded parameters of its path. */
export interface Route {
  readonly operation: ContractOperation;
  readonly path: Readonly<Record<string, string>>;
}

/** What a path leads to: the operation, or the methods that the path has. */
export type Match = Route | { readonly operation: null; readonly allow: string } | null;

/** Places where a literal word or a parameter goes on, and what the methods mean if the path ends here. */
interface Place {
  readonly literals: Map<string, Place>;
  parameter: { readonly name: string; readonly place: Place } | null;
  readonly operations: Map<string, ContractOperation>;
}

/** Spellings by which a path can mean something else to a proxy than to us. They are nowhere in the API. */
const TREACHEROUS = /\.\.|%2e|;|%3b|%00|\0|\\|%5c|\/\.(?:\/|$)|\/\//i;

const ROOT = compile(Object.values(contract.operations));

/**
 * Finds what the path of a request leads to; null: nothing. A literal word wins over a parameter, one slash at the end does not matter.
 * Throws PV1012 for a parameter that is not well-formed percent-encoding.
 */
export function findRoute(method: string, path: string): Match {
  if (!path.startsWith('/') || TREACHEROUS.test(path)) return null;
  const words = (path.endsWith('/') ? path.slice(1, -1) : path.slice(1)).split('/');

  const values: [name: string, value: string][] = [];
  let place = ROOT;
  for (const word of words) {
    const literal = place.literals.get(word);
    if (literal) {
      place = literal;
    } else if (place.parameter && word !== '') {
      values.push([place.parameter.name, word]);
      place = place.parameter.place;
    } else {
      return null;
    }
  }

  const operation = place.operations.get(method);
  if (operation) return { operation, path: Object.fromEntries(values.map(decode)) };
  return place.operations.size === 0
    ? null
    : { operation: null, allow: [...place.operations.keys()].join(', ') };
}

function compile(operations: readonly ContractOperation[]): Place {
  const root = newPlace();
  for (const operation of operations) {
    const end = operation.path.slice(1).split('/').reduce(advance, root);
    end.operations.set(operation.method, operation);
  }
  return root;
}

function advance(place: Place, word: string): Place {
  const name = /^\{(.+)\}$/.exec(word)?.[1];
  if (name === undefined) {
    const next = place.literals.get(word) ?? newPlace();
    place.literals.set(word, next);
    return next;
  }
  place.parameter ??= { name, place: newPlace() };
  if (place.parameter.name !== name) throw new Error(`openapi.yaml: ${name} has two names in one place`);
  return place.parameter.place;
}

function newPlace(): Place {
  return { literals: new Map(), parameter: null, operations: new Map() };
}

function decode([name, word]: [name: string, word: string]): [string, string] {
  try {
    return [name, word.includes('%') ? decodeURIComponent(word) : word];
  } catch {
    throw new VaultError('PV1012', { field: name, reason: 'It is not well-formed percent-encoding.' });
  }
}
