import { tuple, u32 } from './tuple.js';

/** What a token stands for, as it is recognised again: never the object that the values come from. */
export interface TokenValues {
  /** The collection within which equal values are the same; 0: all collections. */
  readonly space: number;
  readonly scope: string;
  /** Each property that has a value, by its number in the collection or by its name in the space of all. */
  readonly values: readonly { readonly property: number | string; readonly text: string }[];
}

/** The encoding of docs/FORMAT.md section 5.1: equal for equal values in whatever order they are given. */
export function encodeTokenValues({ scope, values }: TokenValues): Buffer {
  const sorted = values
    .map(({ property, text }) => ({
      name: typeof property === 'number' ? u32(property) : Buffer.from(property),
      text,
    }))
    .sort((a, b) => Buffer.compare(a.name, b.name));
  return tuple(scope, ...sorted.flatMap(({ name, text }) => [name, text]));
}
