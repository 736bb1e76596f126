import { VaultError } from '../../errors.js';
import type { Statement } from '../../store/database.js';
import { findRecordsOf } from '../../store/tokens/find-tokens.js';
import { guardRecords, lockTokens } from '../../store/tokens/guard-tokens.js';
import type { StoredToken } from '../../store/tokens/token-row.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { checkTenants } from '../tenancy.js';
import type { Vault } from '../vault.js';

/**
 * All records of the ids of some tokens, active and archived, for what concerns the id as a whole. Throws PV9009 where some belong to other
 * tenants than the request is limited to, and PV9007 for more than a request may hold.
 */
export async function recordsOfIds(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  tokens: readonly StoredToken[],
): Promise<readonly StoredToken[]> {
  // Ids that are new each time have one record, which is already here.
  const shared = tokens.filter(({ valueHash }) => valueHash);
  if (shared.length === 0) return tokens;
  const hashes = new Map(shared.map(({ hash }) => [hash.toString('hex'), hash]));
  const most = vault.settings.maxPageSize;
  const records = await findRecordsOf(vault.database, collection.id, [...hashes.values()], most + 1);
  if (records.length > most) throw new VaultError('PV9007', { field: 'token_ids' });
  checkTenants(call, records);
  return [...tokens.filter(({ valueHash }) => !valueHash), ...records];
}

/** Statements that make sure nobody adds a record to these ids, or uses their values, while all their records change. */
export function guardSharedIds(
  collection: KnownCollection,
  records: readonly StoredToken[],
  moreLocks: readonly Buffer[] = [],
): Statement[] {
  const shared = records.filter(({ valueHash }) => valueHash);
  const locks = [...shared.flatMap(({ hash, valueHash }) => [hash, valueHash!]), ...moreLocks];
  return [
    ...(locks.length > 0 ? [lockTokens(locks)] : []),
    ...(shared.length > 0 ? [guardRecords(collection.id, shared)] : []),
  ];
}
