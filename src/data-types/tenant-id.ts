import type { DataType } from './data-type.js';
import { isWellFormedText } from './well-formed.js';

/**
 * The id of a tenant. No comma, since `X-Tenant-Id` lists ids with commas; not empty, since an empty header means
 * no tenant, so nobody could ever reach what such a tenant owns.
 */
export const tenantIdType: DataType = {
  name: 'TENANT_ID',
  description: 'The id of a tenant, without commas.',
  indexable: true,
  substringIndexable: false,
  normalise(value, limits) {
    if (!isWellFormedText(value) || value === '' || value.includes(','))
      return { ok: false, reason: 'must be a string of well-formed Unicode, not empty, without commas' };
    if (value.length > limits.maxStringLength)
      return { ok: false, reason: 'must not be longer than db.max_string_length' };
    return { ok: true, value };
  },
};
