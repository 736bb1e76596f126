import type { OperationId } from '../../generated/contract.js';
import type { Call } from '../call.js';
import type { Vault } from '../vault.js';
import { FunctionCalls } from './function-calls.js';

/** Runs work with a call whose collections have their bundle functions ready, and clears up after it. */
export async function withFunctions<Id extends OperationId, T>(
  call: Call<Id>,
  vault: Vault,
  work: (call: Call<Id>) => Promise<T>,
): Promise<T> {
  // Most vaults have no custom type, and then there is nothing to bind.
  if (call.metadata.types.size === 0) return work(call);

  const functions = new FunctionCalls(vault.sandbox, call);
  try {
    return await work({
      ...call,
      metadata: { ...call.metadata, functions },
      get recordedAt() {
        return call.recordedAt;
      },
    });
  } finally {
    functions.end();
  }
}
