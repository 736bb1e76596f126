import type { OperationId } from '../generated/contract.js';

/**
 * The operations that keep to the objects a caller is restricted to: each passes every object or token that it touches through `checkTenants`
 * and makes none that belongs to no object. One that is not here is closed to such a caller, whatever it does.
 */
const KEEPING_TO_OBJECTS: ReadonlySet<OperationId> = new Set<OperationId>([
  'getObjectById',
  'updateObjectById',
  'deleteObjectById',
  'listObjects',
  'tokenize',
  'detokenize',
  'searchTokens',
  'updateTokens',
  'deleteTokens',
  'rotateTokens',
]);

/** Whether an operation may be given to a caller that is restricted to objects. */
export function keepsToObjects(operation: OperationId): boolean {
  return KEEPING_TO_OBJECTS.has(operation);
}
