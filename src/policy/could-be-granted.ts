import type { Caller } from './caller.js';
import type { CompiledIam, CompiledPolicy } from './compile.js';
import { OPERATIONS, type Operation } from './operations.js';
import { ACCESS_REASONS } from './reasons.js';
import { reachesCollection } from './resources.js';

/**
 * Whether `decide` could allow the caller this operation on anything in the collection, for any reason. False is
 * certain and means 403 before the lookup, so that a caller without any grant cannot tell which ids exist; true
 * promises nothing. Pure. Source: architecture.md D11.
 */
export function couldBeGranted(
  iam: CompiledIam,
  caller: Caller,
  operation: Operation,
  collection: string,
): boolean {
  if (caller.kind === 'admin') return caller.mayReadData || !OPERATIONS[operation].readsData;

  const role = iam.roles.get(caller.role);
  const speaking = role?.policies.filter((policy) => policy.operations.has(operation)) ?? [];
  if (speaking.some(deniesEverything)) return false;
  return speaking.some(
    (policy) =>
      policy.type === 'allow' && policy.resources.some((pattern) => reachesCollection(pattern, collection)),
  );
}

function deniesEverything(policy: CompiledPolicy): boolean {
  return (
    policy.type === 'deny' &&
    policy.reasons.size === ACCESS_REASONS.length &&
    policy.resources.some((pattern) => pattern.kind === 'everything')
  );
}
