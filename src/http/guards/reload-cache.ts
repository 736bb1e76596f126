import type { Vault } from '../../operations/vault.js';
import type { Exchange, Guard } from '../exchange.js';

/**
 * `reload_cache=true`: the request goes on with what the database says now. It is authenticated once more, since what changed may be the
 * caller's own key or role.
 */
export function reloadCache(vault: Vault, authenticate: Guard): Guard {
  return (exchange: Exchange) => {
    if (exchange.query.reload_cache !== true) return;
    vault.metadata.invalidate();
    return authenticate(exchange);
  };
}
