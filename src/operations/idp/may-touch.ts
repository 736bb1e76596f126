import { decide } from '../../policy/decide.js';
import type { Operation as PolicyOperation } from '../../policy/operations.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { touchProperties } from '../permit.js';

/** Whether the caller may do something with a property, where a refusal costs the property and not the event. */
export function mayTouch(
  call: Call,
  collection: KnownCollection,
  operation: PolicyOperation,
  property: string,
): boolean {
  return decide(call.metadata.iam.compiled, {
    caller: call.principal.caller,
    collection: collection.facts,
    reason: call.reason,
    touches: touchProperties(operation, [property]),
  }).allowed;
}
