import { VaultError } from '../errors.js';
import type { Call } from './call.js';

/** The tenant of objects that belong to none. */
export const NO_TENANT = '';

/** Refuses with PV9009 what belongs to other tenants than the request is limited to. One foreign thing refuses all. */
export function checkTenants(call: Call, things: Iterable<{ readonly tenant: string }>): void {
  if (call.tenants.length === 0) return;
  for (const { tenant } of things) {
    if (!call.tenants.includes(tenant)) throw new VaultError('PV9009');
  }
}

/** The tenants a list or search is limited to; null: all. */
export function tenantFilter(call: Call): readonly string[] | null {
  return call.tenants.length > 0 ? call.tenants : null;
}

/**
 * The tenant of a new thing: the one it names, which must be among the request's, else the request's only one. Throws PV9009 for a
 * foreign tenant and PV9006 where the request has several and the thing names none.
 */
export function tenantForNew(call: Call, named: string | undefined): string {
  if (named !== undefined) {
    checkTenants(call, [{ tenant: named }]);
    return named;
  }
  if (call.tenants.length > 1) throw new VaultError('PV9006', { field: '_tenant_id' });
  return call.tenants[0] ?? NO_TENANT;
}
