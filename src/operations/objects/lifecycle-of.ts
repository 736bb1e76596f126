import type { Lifecycle } from '../../store/objects/object-row.js';

/** What `options=archived` selects: archived things only, else active ones only. */
export function lifecycleOf(query: { readonly options?: readonly string[] }): Lifecycle {
  return query.options?.includes('archived') ? 'archived' : 'active';
}
