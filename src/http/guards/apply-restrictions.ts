import { VaultError } from '../../errors.js';
import { keepsToObjects } from '../../operations/restrictions.js';
import type { Exchange } from '../exchange.js';

/**
 * Holds a caller to what the claims of its JWTs restrict it to. Claims on tenants outrank X-Tenant-Id: the header may narrow them and nothing
 * else. A restricted caller gets only operations that keep to tenants or objects; throws PV9065 for the others, and for claims that allow
 * nothing or cannot be enforced.
 */
export function applyRestrictions(exchange: Exchange): void {
  const { route, principal } = exchange;
  const { operation } = route;
  if (principal.restrictions === undefined || operation.auth !== 'required') return;
  if (principal.restrictions === null) throw new VaultError('PV9065');

  const { tenants, objects } = principal.restrictions;
  if (objects && (objects.length === 0 || !keepsToObjects(operation.operationId))) {
    throw new VaultError('PV9065');
  }
  if (!tenants) return;
  const keepsToTenants = Object.hasOwn(operation.parameters.header.properties, 'x-tenant-id');
  const named = exchange.tenants;
  if (!keepsToTenants || tenants.length === 0 || !named.every((tenant) => tenants.includes(tenant))) {
    throw new VaultError('PV9065');
  }
  if (named.length === 0) exchange.tenants = tenants;
  exchange.access?.learn({ tenants: exchange.tenants });
}
