import { type OperationId, contract } from '../generated/contract.js';
import { type Capability, capabilityNamed } from '../policy/capabilities.js';

/** What each operation asks for, in the spelling the code uses. An operation that needs a key but lists nothing is open to nobody. */
const NEEDED: ReadonlyMap<OperationId, readonly Capability[]> = new Map(
  Object.values(contract.operations).map(({ operationId, capabilities }) => [
    operationId,
    capabilities.map((word) => {
      const capability = capabilityNamed(word);
      if (capability === undefined) throw new Error(`openapi.yaml: ${operationId} asks for ${word}`);
      return capability;
    }),
  ]),
);

/** What opens the operation of the capabilities held: one where any suffices, else all that it asks for. Null where they do not suffice. */
export function passingCapabilities(
  operation: OperationId,
  held: ReadonlySet<Capability>,
): readonly Capability[] | null {
  const needed = NEEDED.get(operation)!;
  if (contract.operations[operation].capabilitiesMatch === 'any') {
    const one = needed.find((capability) => held.has(capability));
    return one === undefined ? null : [one];
  }
  return needed.length > 0 && needed.every((capability) => held.has(capability)) ? needed : null;
}
