import { VaultError } from '../errors.js';
import { collectionExists } from '../store/collections.js';
import type { Call } from './call.js';
import type { Vault } from './vault.js';

/**
 * The error to answer instead of `error`. A collection takes its keys with it: what a request read before that does not open after it, which is
 * no damage to raise an alarm about but the 404 that every later request gets.
 */
export async function unlessGoneMeanwhile(error: unknown, call: Call, vault: Vault): Promise<unknown> {
  if (!(error instanceof VaultError) || error.code !== 'PV9010') return error;
  const { collection } = call.path as { collection?: string };
  const stored = call.metadata.collections.get(collection ?? '');
  if (!stored) return error;
  // Where that cannot be asked, the error stays what it was.
  const exists = await collectionExists(vault.database, stored.id).catch(() => true);
  return exists ? error : new VaultError('PV1004');
}
