import { VaultError } from '../errors.js';
import { type OperationId, contract } from '../generated/contract.js';
import { type Capability, capabilityNamed, hasCapability } from '../policy/capabilities.js';
import { NOBODY } from './access.js';
import type { Call } from './call.js';
import type { AnswerOf, BytesAnswer, Operation, StreamAnswer, TextAnswer } from './operation.js';
import type { Vault } from './vault.js';

/**
 * The frame around every operation: the capability the contract asks for, the operation, and the record of what it threw, durable before
 * the error leaves here. An operation that returns without having recorded is a fault of ours and shows nothing.
 */
export async function perform<Id extends OperationId>(
  operation: Operation<Id> | undefined,
  call: Call<Id>,
  vault: Vault,
): Promise<AnswerOf<Id> | TextAnswer | BytesAnswer | StreamAnswer> {
  try {
    requireCapability(call);
    if (operation === undefined || contract.operations[call.operation].planned) {
      throw new VaultError('PV2001');
    }
    const answer = await operation.run(call, vault);
    if (call.recordedAt === null && call.principal !== NOBODY) {
      throw new Error('The operation returned without a record.');
    }
    return answer;
  } catch (error) {
    throw await call.fail(error);
  }
}

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

function requireCapability({ operation, principal }: Call): void {
  const { auth, capabilitiesMatch } = contract.operations[operation];
  if (auth !== 'required') return;

  const needed = NEEDED.get(operation)!;
  const held = principal.capabilities;
  const passes =
    capabilitiesMatch === 'any'
      ? hasCapability(held, needed)
      : needed.length > 0 && needed.every((capability) => held.has(capability));
  if (!passes) throw new VaultError('PV1007', { username: principal.user });
}
