import { type Config, SETTINGS, type SettingPath } from '../config.js';
import { durationText } from '../config-kinds.js';
import { hidden, maskedLicense } from '../operations/system/mask-secret.js';
import type { ConfigurationDocument } from '../operations/vault.js';
import { LARGEST_GARBAGE_BATCH } from './operation-settings.js';
import { connectionOf } from '../store/connection-of.js';
import { LONGEST_TTL_MS } from '../store/metadata-cache.js';

/**
 * The settings in force, in the tables and under the names that existing clients look for. Where one of theirs is not a setting of ours it says
 * how things are here. Every secret is masked, always.
 */
export function configurationDocument(config: Config, databaseUrl: string): ConfigurationDocument {
  return {
    devmode: config.devmode,
    backing_store: 'postgres',
    generate_secrets: false,
    db: database(config, databaseUrl),
    features: {
      // There is no way to store anything unencrypted, nor to accept what was tampered with.
      encryption: true,
      anti_tampering: 'enforce',
      mask_license: config['features.mask_license'],
      disable_docs: config['features.disable_docs'],
      disable_javascript: given(config, 'features.disable_javascript', false),
      disable_idp_jwks: given(config, 'features.disable_idp_jwks', false),
      disable_cc_luhn_validation: config['features.disable_cc_luhn_validation'],
    },
    kms: {
      seed: hidden(config['kms.key']),
      uri: given(config, 'kms.uri', config['kms.key_file'] === '' ? '' : `file:${config['kms.key_file']}`),
      export_seed: hidden(given(config, 'kms.export_key', '')),
      export_uri: given(config, 'kms.export_uri', ''),
      allow_local: true,
    },
    log: {
      customer_env: config['log.customer_env'],
      customer_identifier: config['log.customer_identifier'],
      customer_region: config['log.customer_region'],
      datadog_enable: 'none',
      level: config['log.level'],
      // No switch turns the access log off, nor leaves anything out of it.
      audit_enable: true,
      audit_disable_delete_tokens: false,
      audit_remote_addr_enable: config['log.audit_remote_addr_enable'],
      audit_remote_addr_xff: config['service.trusted_proxies'] > 0,
      destination: config['log.destination'],
    },
    sentry: { enable: false },
    service: service(config),
    tls: {
      cert_file: config['tls.cert_file'],
      enable: config['tls.enable'] || config['tls.selfsigned'],
      key_file: config['tls.key_file'],
      selfsigned: config['tls.selfsigned'],
    },
    expiration: {
      tokens: shown(config, 'expiration.tokens'),
      unassociated_objects: shown(config, 'expiration.unassociated_objects'),
      associated_objects: durationOf(given<number | null>(config, 'expiration.associated_objects', null)),
    },
  };
}

function database(config: Config, databaseUrl: string): ConfigurationDocument['db'] {
  const { hostname, port, name, user, hasPassword, tls } = connectionOf(databaseUrl);
  return {
    hostname,
    port,
    name,
    user,
    password: hidden(hasPassword ? 'a password' : null),
    require_tls: tls,
    mask_config: true,
    conn_max_lifetime_minutes: config['db.conn_max_lifetime_minutes'],
    // A free connection is kept until its lifetime is over, so all of them may be idle.
    max_idle_conns: config['db.max_open_conns'],
    max_open_conns: config['db.max_open_conns'],
    max_string_length: config['db.max_string_length'],
    max_blob_length: config['db.max_blob_length'],
    max_token_tags: config['db.max_token_tags'],
    trace_sql: config['db.trace_sql'],
    gc: {
      batch_size: Math.min(config['db.gc_batch_size'], LARGEST_GARBAGE_BATCH),
      retention_period: shown(config, 'db.gc_retention_period'),
    },
    migration: {
      auto_run: config['db.migration_auto_run'],
      enable_clean_database_validation: false,
      // A start waits for the database as long as whoever starts it tries again, and does not wait by itself.
      initial_wait_between_retries: '',
      max_wait_between_retries: '',
    },
  };
}

function service(config: Config): ConfigurationDocument['service'] {
  return {
    listen_addr: shown(config, 'service.listen_addr'),
    admin_api_key: hidden(config['service.admin_api_key']),
    override_admin_api_key_on_restart: config['service.override_admin_api_key_on_restart'],
    admin_may_read_data: config['service.admin_may_read_data'],
    allow_origins: shown(config, 'service.allow_origins'),
    allowed_http_destinations: texts(config, 'service.allowed_http_destinations'),
    allowed_pci_http_destinations: texts(config, 'service.allowed_pci_http_destinations'),
    actions_http_call_role: given(config, 'service.actions_http_call_role', ''),
    components: 'control,data',
    worker_priority: config['service.worker_priority'],
    pci_restrictions: given(config, 'service.pci_restrictions', false),
    default_page_size: config['service.default_page_size'],
    max_page_size: config['service.max_page_size'],
    max_pagination_remaining_count: config['service.max_pagination_remaining_count'],
    // Both are read from the API alone, never from files.
    set_iam_on_start_only: false,
    update_schema_on_start: false,
    force_access_reason: config['service.force_access_reason'],
    timeout_seconds: config['service.timeout_seconds'],
    cache_refresh_interval: durationText(cacheSeconds(config)),
    cache_refresh_timeout: durationText(config['service.timeout_seconds']),
    archive_prune_interval: shown(config, 'service.archive_prune_interval'),
    archive_prune_timeout: shown(config, 'service.archive_prune_timeout'),
    // Written in the transaction that writes the value.
    substring_index_refresh_interval: '0s',
    license: maskedLicense(config['service.license'] ?? ''),
  };
}

/** How long this instance believes its cache. */
export function cacheSeconds(config: Config): number {
  const longest = LONGEST_TTL_MS / 1000;
  const wanted = config['service.cache_refresh_interval'];
  return wanted === 0 ? longest : Math.min(wanted, longest);
}

/** A setting as its text. */
function shown<Path extends SettingPath>(config: Config, path: Path): string {
  return (SETTINGS[path].kind.show as (value: Config[Path]) => string)(config[path]);
}

/** A setting that only some versions have. */
function given<T>(config: Config, path: string, otherwise: T): T {
  return ((config as Readonly<Record<string, unknown>>)[path] as T | undefined) ?? otherwise;
}

function texts(config: Config, path: string): string {
  return [given<string | readonly string[]>(config, path, '')].flat().join(',');
}

function durationOf(seconds: number | null): string {
  return seconds === null ? '' : durationText(seconds);
}
