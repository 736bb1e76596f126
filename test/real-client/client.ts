import { ApiError, VaultClient } from '@piiano/vault-client';
import type { TestVault } from '../support/vault.js';

/** The published client, unmodified, for a vault. It sends through the global `fetch`. */
export function clientOf(vault: TestVault, apiKey?: string): VaultClient {
  return new VaultClient({ vaultURL: vault.url, ...(apiKey !== undefined && { apiKey }) });
}

/** The error that a call of the client fails with. */
export async function errorOf(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw new Error('expected an ApiError');
  return error;
}
