import type { TypeLimits } from '../../data-types/data-type.js';
import { tenantIdType } from '../../data-types/tenant-id.js';
import { VaultError } from '../../errors.js';

/**
 * The tenants that a request is for. A header that is there but empty names none, which limits nothing; one that holds commas and no tenant
 * is refused, for whoever sent it meant some. Throws PV1012 for what no object could have as its tenant.
 */
export function readTenants(header: string, limits: TypeLimits): readonly string[] {
  if (header.trim() === '') return [];
  const tenants = asUtf8(header)
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (tenants.length === 0) throw refused('It must name a tenant.');
  for (const tenant of tenants) {
    const normalised = tenantIdType.normalise(tenant, limits);
    if (!normalised.ok) throw refused(`A tenant ${normalised.reason}.`);
  }
  return tenants;
}

/** Node reads each byte of a header as a character of its own; most clients send UTF-8, Node's own Latin-1. */
function asUtf8(header: string): string {
  const text = Buffer.from(header, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? header : text;
}

function refused(reason: string): VaultError {
  return new VaultError('PV1012', { field: 'X-Tenant-Id', reason });
}
