import { SETTINGS, type SettingPath, variableOf } from './config.js';

/**
 * Settings of the API we are a drop-in for that mean nothing here, and why. They are accepted, so that an existing deployment's environment keeps
 * working, and named in the log at start. A name that becomes a setting of ours is one, whatever stands here.
 */
const IGNORED: Readonly<Record<string, string>> = {
  backing_store: 'It is always PostgreSQL.',
  'db.mask_config': 'Secrets are masked always.',
  'db.max_idle_conns': 'A free connection is kept until its lifetime is over.',
  'db.migration_enable_clean_database_validation':
    'A database that is newer than the program or half migrated is always refused.',
  'db.migration_initial_wait_between_retries': 'A start that fails ends; whoever starts it tries again.',
  'db.migration_max_wait_between_retries': 'A start that fails ends; whoever starts it tries again.',
  'service.cache_refresh_interval_seconds': 'See `COATCHECK_SERVICE_CACHE_REFRESH_INTERVAL`.',
  'service.cache_refresh_timeout': '`COATCHECK_SERVICE_TIMEOUT_SECONDS` holds for every statement.',
  'service.substring_index_refresh_interval': 'An index is written in the transaction that writes the value.',
  'service.stats_interval': '`/metrics` is read when somebody asks.',
  'service.os_stats_interval': '`/metrics` is read when somebody asks.',
  'service.config_report_interval': 'Nothing is reported to anybody.',
  'service.set_iam_on_start_only': 'IAM is set through the API, not from files.',
  'service.update_schema_on_start': 'Collections are defined through the API, not from files.',
  'service.components': 'Every instance serves everything.',
  'service.pci_restrictions': 'Not there yet.',
  'features.encryption': 'Everything is always encrypted.',
  'features.anti_tampering': 'It is always enforced.',
  'features.api_key_hashing': 'API keys are always stored as keyed hashes.',
  'features.policy_enforcement': 'Policies are always enforced.',
  'features.custom_types_enable': 'Custom types are always there.',
  'kms.uri': 'The root key comes from `COATCHECK_KMS_KEY_FILE` or `COATCHECK_KMS_KEY`.',
  'kms.seed': 'The root key comes from `COATCHECK_KMS_KEY_FILE` or `COATCHECK_KMS_KEY`.',
  'kms.allow_local': 'A root key of your own keeping is always allowed.',
  'kms.export_uri':
    'The export key comes from `COATCHECK_KMS_EXPORT_KEY_FILE` or `COATCHECK_KMS_EXPORT_KEY`.',
  'kms.export_seed':
    'The export key comes from `COATCHECK_KMS_EXPORT_KEY_FILE` or `COATCHECK_KMS_EXPORT_KEY`.',
  'log.datadog_enable': 'Nothing is sent to anybody; the log goes where you point it.',
  'log.audit_enable': 'The access log cannot be switched off.',
  'log.audit_disable_delete_tokens': 'Every access is recorded.',
  'log.audit_remote_addr_xff': 'See `COATCHECK_SERVICE_TRUSTED_PROXIES`.',
  'sentry.enable': 'Nothing is sent to anybody.',
};

const PREFIX = 'PVAULT_';
const OWN: ReadonlySet<string> = new Set(
  (Object.keys(SETTINGS) as SettingPath[]).map((path) => variableOf(path).replace('COATCHECK_', PREFIX)),
);

/** The variables that are accepted and have no effect, each with the reason. */
export const IGNORED_VARIABLES: ReadonlyMap<string, string> = new Map(
  Object.entries(IGNORED)
    .map(([path, why]) => [`${PREFIX}${path.replaceAll('.', '_').toUpperCase()}`, why] as const)
    .filter(([name]) => !OWN.has(name)),
);

/** Variables of an environment that look like settings of an existing deployment and do nothing: known ones and others. */
export function ignoredIn(env: Readonly<Record<string, string | undefined>>): {
  known: string[];
  unknown: string[];
} {
  const names = Object.keys(env).filter(
    (name) => name.startsWith(PREFIX) && env[name] !== '' && !OWN.has(name),
  );
  return {
    known: names.filter((name) => IGNORED_VARIABLES.has(name)).sort(),
    unknown: names.filter((name) => !IGNORED_VARIABLES.has(name)).sort(),
  };
}
