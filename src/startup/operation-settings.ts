import type { Config } from '../config.js';
import type { OperationSettings } from '../operations/vault.js';

/** An entry of the access log names every object of a batch. */
export const LARGEST_GARBAGE_BATCH = 1000;

/** The settings that operations look at. */
export function operationSettings(config: Config): OperationSettings {
  return {
    types: {
      maxStringLength: config['db.max_string_length'],
      maxBlobLength: config['db.max_blob_length'],
      checkLuhn: !config['features.disable_cc_luhn_validation'],
    },
    adminMayReadData: config['service.admin_may_read_data'],
    forceAccessReason: config['service.force_access_reason'],
    defaultPageSize: Math.min(config['service.default_page_size'], config['service.max_page_size']),
    maxPageSize: config['service.max_page_size'],
    maxCount: config['service.max_pagination_remaining_count'],
    scanLimit: config['search.scan_limit'],
    maxTokenTags: config['db.max_token_tags'],
    garbage: {
      retentionSeconds: config['db.gc_retention_period'],
      batchSize: Math.min(config['db.gc_batch_size'], LARGEST_GARBAGE_BATCH),
    },
    license: { key: config['service.license'], masked: config['features.mask_license'] },
    httpCallRole: config['service.actions_http_call_role'],
    expiration: {
      tokens: config['expiration.tokens'],
      ownedObjects: config['expiration.associated_objects'],
      objects: config['expiration.unassociated_objects'],
    },
  };
}
