import { type Caller, standingOf } from './caller.js';
import type { CompiledIam } from './compile.js';

/** Those of the properties that the caller's role sees through a mask only. Pure. Source: architecture.md D11. */
export function maskedProperties(
  iam: CompiledIam,
  caller: Caller,
  collection: string,
  properties: Iterable<string>,
): string[] {
  const standing = standingOf(iam, caller);
  return [...properties].filter((property) => standing.maskOn(collection, property) !== undefined);
}
