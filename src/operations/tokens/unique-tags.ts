import { VaultError } from '../../errors.js';
import type { UniqueTag } from '../../store/tokens/guard-tokens.js';
import type { StoredToken } from '../../store/tokens/token-row.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';

/** The tags that only these tokens may have in their tenants. Throws PV9044 where two ids of one tenant would share one. */
export function uniqueTagsOf(
  vault: Vault,
  collection: KnownCollection,
  tokens: readonly StoredToken[],
  tags: readonly string[],
): UniqueTag[] {
  if (tags.length === 0) return [];
  const hashOfTenant = new Map<string, Buffer>();
  for (const { tenant, hash } of tokens) {
    if (hashOfTenant.get(tenant)?.equals(hash) === false)
      throw new VaultError('PV9044', { field: 'body.ensure_unique_tenant_tags' });
    hashOfTenant.set(tenant, hash);
  }
  return tags.flatMap((name) => {
    const tag = vault.keyring.lookup.tag(collection.id, name);
    return [...hashOfTenant].map(([tenant, hash]) => ({ tag, tenant, hash }));
  });
}
