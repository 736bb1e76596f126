import type { Config } from '../config.js';
import type { OperationSettings } from '../operations/vault.js';

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
    httpCallRole: config['service.actions_http_call_role'],
    expiration: {
      tokens: config['expiration.tokens'],
      objects: config['expiration.unassociated_objects'],
    },
  };
}
