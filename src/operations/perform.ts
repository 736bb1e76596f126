import { VaultError } from '../errors.js';
import { type OperationId, contract } from '../generated/contract.js';
import { NOBODY } from './access.js';
import { withFunctions } from './functions/bind-functions.js';
import { unlessGoneMeanwhile } from './gone-meanwhile.js';
import type { Call } from './call.js';
import type { AnswerOf, BytesAnswer, EmptyAnswer, Operation, StreamAnswer, TextAnswer } from './operation.js';
import { passingCapabilities } from './needed-capabilities.js';
import type { Vault } from './vault.js';

/**
 * The frame around every operation: the capability the contract asks for, the operation, and the record of what it threw, durable before
 * the error leaves here. An operation that returns without having recorded is a fault of ours and shows nothing.
 */
export async function perform<Id extends OperationId>(
  operation: Operation<Id> | undefined,
  call: Call<Id>,
  vault: Vault,
): Promise<AnswerOf<Id> | TextAnswer | BytesAnswer | StreamAnswer | EmptyAnswer> {
  try {
    requireCapability(call);
    if (operation === undefined || contract.operations[call.operation].planned) {
      throw new VaultError('PV2001');
    }
    const answer = await withFunctions(call, vault, (bound) => operation.run(bound, vault));
    if (call.recordedAt === null && call.principal !== NOBODY) {
      throw new Error('The operation returned without a record.');
    }
    return answer;
  } catch (error) {
    throw await call.fail(await unlessGoneMeanwhile(error, call, vault));
  }
}

function requireCapability(call: Call): void {
  const { operation, principal } = call;
  if (contract.operations[operation].auth !== 'required') return;
  const passed = passingCapabilities(operation, principal.capabilities);
  if (passed === null) throw new VaultError('PV1007', { username: principal.user });
  call.decided({ rule: `capability:${passed.join('+')}` });
}
