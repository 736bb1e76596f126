import type { Touch } from '../../policy/decide.js';
import type { Operation as PolicyOperation } from '../../policy/operations.js';
import type { Binding } from '../bindings.js';

/** One touch per property and transformation asked for; `needsPlain` where a masked value would not do. */
export function touchBindings(
  operation: PolicyOperation,
  bindings: readonly Binding[],
  { needsPlain = false }: { readonly needsPlain?: boolean } = {},
): Touch[] {
  return bindings.map(({ property, transformation }) => ({
    operation,
    resource: {
      kind: 'property',
      property,
      ...(transformation !== null && { transformation }),
      ...(needsPlain && { needsPlain }),
    },
  }));
}
