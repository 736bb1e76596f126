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
  if (!isLimited(call)) return;
  for (const thing of things) {
    const code = refusalOf(call, thing);
    if (code) throw new VaultError(code);
  }
}

/** Whether the request is limited to tenants, or the caller to objects. */
export function isLimited(call: Call): boolean {
  return call.tenants.length > 0 || call.principal.restrictions?.objects !== undefined;
}

/** Whether a thing is within what the request and its caller are limited to. */
export function isWithinReach(call: Call, thing: Thing): boolean {
  return refusalOf(call, thing) === null;
}

function refusalOf(call: Call, thing: Thing): 'PV9009' | 'PV9065' | null {
  if (call.tenants.length > 0 && !call.tenants.includes(thing.tenant)) return 'PV9009';
  const objects = call.principal.restrictions?.objects;
  const object = thing.objectId === undefined ? thing.id : thing.objectId;
  return objects && !objects.includes(object ?? '') ? 'PV9065' : null;
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
