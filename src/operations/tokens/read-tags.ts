import { VaultError } from '../../errors.js';
import type { Vault } from '../vault.js';
import type { At } from './read-input.js';

/** The tags of a token; undefined: nothing said. */
export interface ReadTags {
  readonly tags: readonly string[] | undefined;
  readonly uniqueTags: readonly string[];
}

/** Reads the tags, each once. Throws PV9007 for too many and PV9006 where one that is to be unique is not among them. */
export function readTags(
  vault: Vault,
  item: { readonly tags?: readonly string[]; readonly ensure_unique_tenant_tags?: readonly string[] },
  at: At,
): ReadTags {
  const tags = item.tags && [...new Set(item.tags)];
  checkTagCount(vault, tags ?? [], at);
  const uniqueTags = [...new Set(item.ensure_unique_tenant_tags ?? [])];
  if (!uniqueTags.every((tag) => tags?.includes(tag)))
    throw new VaultError('PV9006', { field: at('ensure_unique_tenant_tags'), reason: 'must be among tags' });
  return { tags, uniqueTags };
}

/** Throws PV9007 for more tags than a token may have. */
export function checkTagCount(vault: Vault, tags: readonly string[], at: At): void {
  if (tags.length > vault.settings.maxTokenTags) throw new VaultError('PV9007', { field: at('tags') });
}
