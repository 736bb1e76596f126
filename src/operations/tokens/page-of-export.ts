import { VaultError } from '../../errors.js';
import { countTokensBehind, pageOfTokens } from '../../store/tokens/find-tokens.js';
import type { StoredToken } from '../../store/tokens/token-row.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { type Page, lastPage } from '../objects/page-of.js';
import { tenantFilter } from '../tenancy.js';
import type { Vault } from '../vault.js';

/**
 * One page of the active tokens of some types. Throws PV9007 for a page too large and PV9005 for a cursor made for another request. A token that
 * is rotated meanwhile can be missed or come twice: whoever moves a vault stops its writers first.
 */
export async function pageOfExport(
  call: Call<'exportTokens'>,
  vault: Vault,
  collection: KnownCollection,
  types: readonly string[],
): Promise<Page<StoredToken>> {
  const { page_size: size = vault.settings.defaultPageSize, cursor } = call.query;
  if (size < 1 || size > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'page_size' });
  const { lookup } = vault.keyring;
  const parameters = JSON.stringify([
    call.operation,
    collection.id,
    call.principal.user,
    call.tenants,
    [...types].sort(),
    ...(call.query.export ? ['export'] : []),
  ]);
  const position = cursor ? (lookup.readCursor(parameters, cursor) as [string, string]) : null;
  const after = position && { hash: Buffer.from(position[0], 'base64url'), id: position[1] };

  // One more than the page says whether there is another.
  const listed = { collection: collection.id, types, tenants: tenantFilter(call) };
  const rows = await pageOfTokens(vault.database, listed, after, size + 1);
  if (rows.length <= size) return lastPage(rows);
  const shown = rows.slice(0, size);
  const last = shown.at(-1)!;
  const most = vault.settings.maxCount;
  const remaining = await countTokensBehind(vault.database, listed, last, most);
  return {
    rows: shown,
    paging: {
      size: shown.length,
      remaining_count: remaining,
      cursor: lookup.cursor(parameters, [last.hash.toString('base64url'), last.id]),
    },
  };
}
