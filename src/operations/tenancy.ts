import { VaultError } from '../errors.js';
import type { Call } from './call.js';

/** The tenant of objects that belong to none. */
export const NO_TENANT = '';

/** An object, by its id, or a token, by that of its owner. */
interface Thing {
  readonly tenant: string;
  readonly id?: string;
  readonly objectId?: string | null;
}

/**
 * Refuses what belongs to other tenants than the request is limited to (PV9009), and what is no object the caller is restricted to, nor a
 * token of one (PV9065). One foreign thing refuses all.
 */
export function checkTenants(call: Call, things: Iterable<Thing>): void {
  const objects = call.principal.restrictions?.objects;
  if (call.tenants.length === 0 && !objects) return;
  for (const thing of things) {
    if (call.tenants.length > 0 && !call.tenants.includes(thing.tenant)) throw new VaultError('PV9009');
    const object = thing.objectId === undefined ? thing.id : thing.objectId;
    if (objects && !objects.includes(object ?? '')) throw new VaultError('PV9065');
  }
}

/** The tenants a list or search is limited to; null: all. Throws PV9065 for a caller restricted to objects: it names them. */
export function tenantFilter(call: Call): readonly string[] | null {
  if (call.principal.restrictions?.objects) throw new VaultError('PV9065');
  return call.tenants.length > 0 ? call.tenants : null;
}

/**
 * The tenant of a new thing: the one it names, which must be among the request's, else the request's only one. Throws PV9009 for a
 * foreign tenant, PV9006 where the request has several and the thing names none, and PV9065 for a caller restricted to objects.
 */
export function tenantForNew(call: Call, named: string | undefined): string {
  if (call.principal.restrictions?.objects) throw new VaultError('PV9065');
  if (named !== undefined) {
    checkTenants(call, [{ tenant: named }]);
    return named;
  }
  if (call.tenants.length > 1) throw new VaultError('PV9006', { field: '_tenant_id' });
  return call.tenants[0] ?? NO_TENANT;
}
