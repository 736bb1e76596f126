import { parse } from 'smol-toml';
import { problems, schema } from '../../contract/schemas.js';
import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

const PATH = '/system/info/configuration';

/** The durations that an existing client reads by these paths and converts, and the form it understands. */
const DURATIONS =
  `db.gc.retention_period db.migration.initial_wait_between_retries db.migration.max_wait_between_retries
  expiration.tokens expiration.associated_objects expiration.unassociated_objects service.cache_refresh_interval
  service.cache_refresh_timeout service.archive_prune_interval service.archive_prune_timeout service.stats_interval
  service.os_stats_interval service.config_report_interval service.substring_index_refresh_interval`.split(
    /\s+/,
  );
const DURATION = /^-?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$/;

/** Every name of api.md 1.14 and its type. */
const TYPES: Record<string, 'boolean' | 'number' | 'string'> = {
  ...named(
    'boolean',
    `devmode generate_secrets db.mask_config db.migration.auto_run
    db.migration.enable_clean_database_validation db.require_tls db.trace_sql features.encryption features.mask_license
    features.disable_docs features.disable_javascript features.disable_idp_jwks features.disable_cc_luhn_validation
    kms.allow_local log.audit_enable log.audit_remote_addr_xff log.audit_remote_addr_enable log.audit_disable_delete_tokens
    sentry.enable service.override_admin_api_key_on_restart service.admin_may_read_data service.pci_restrictions
    service.set_iam_on_start_only service.update_schema_on_start service.force_access_reason tls.enable tls.selfsigned`,
  ),
  ...named(
    'number',
    `db.conn_max_lifetime_minutes db.gc.batch_size db.max_idle_conns db.max_open_conns db.max_string_length
    db.max_blob_length db.max_token_tags db.port service.worker_priority service.default_page_size service.max_page_size
    service.max_pagination_remaining_count service.timeout_seconds`,
  ),
  ...named(
    'string',
    `backing_store db.hostname db.name db.password db.user features.anti_tampering kms.seed kms.uri
    kms.export_seed kms.export_uri log.customer_env log.customer_identifier log.customer_region log.datadog_enable log.level
    log.destination service.admin_api_key service.allow_origins service.components service.listen_addr service.license
    service.allowed_http_destinations service.allowed_pci_http_destinations service.actions_http_call_role tls.cert_file
    tls.key_file`,
  ),
};

function named<T>(type: T, names: string): Record<string, T> {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, type]));
}

/** What stands at a dotted path; throws where a table on the way is missing. */
function at(document: unknown, dotted: string): unknown {
  const path = dotted.split('.');
  return path.reduce<unknown>((table, name, i) => {
    if (typeof table !== 'object' || table === null)
      throw new Error(`no table ${path.slice(0, i).join('.')}`);
    return (table as Record<string, unknown>)[name];
  }, document);
}

async function configurationOf(vault: TestVault): Promise<unknown> {
  const answer = await vault.send('GET', PATH);
  expect([answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([
    200,
    'application/toml',
  ]);
  return parse(answer.text);
}

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault({
    PVAULT_SERVICE_LICENSE: 'canary-license-canary-license',
    PVAULT_SERVICE_ARCHIVE_PRUNE_INTERVAL: '1h30m',
    PVAULT_EXPIRATION_TOKENS: '36h',
    PVAULT_SERVICE_ALLOW_ORIGINS: 'https://a.example,https://b.example',
    PVAULT_SERVICE_CACHE_REFRESH_INTERVAL: '30s',
    PVAULT_DB_MAX_TOKEN_TAGS: '3',
    PVAULT_LOG_CUSTOMER_ENV: 'staging',
  });
});
afterAll(() => vault.close());

test('200: TOML in which each duration of api.md 1.14 has its tables and a text in the one form that is understood', async () => {
  const document = await configurationOf(vault);
  for (const path of DURATIONS) {
    const value = at(document, path) ?? '';
    expect([path, typeof value]).toEqual([path, 'string']);
    expect(value).toMatch(DURATION);
  }
});

test('200: every other name of api.md 1.14 is there with its type', async () => {
  const document = await configurationOf(vault);
  for (const [path, type] of Object.entries(TYPES)) {
    expect([path, typeof at(document, path)]).toEqual([path, type]);
  }
});

test('200: it is what the contract says of the document, not a member more', async () => {
  const document = await configurationOf(vault);
  expect(problems(schema('Config'), document)).toEqual([]);
});

test('200: it says the settings in force', async () => {
  const document = await configurationOf(vault);
  const says = (path: string): unknown => at(document, path);
  expect(says('devmode')).toBe(true);
  expect(says('service.archive_prune_interval')).toBe('1h30m');
  expect(says('expiration.tokens')).toBe('36h');
  expect(says('expiration.unassociated_objects')).toBe('');
  expect(says('db.gc.retention_period')).toBe('720h');
  expect(says('db.max_open_conns')).toBe(8);
  expect(says('db.max_token_tags')).toBe(3);
  expect(says('db.hostname')).toBe('127.0.0.1');
  expect(vault.database.url).toContain(`/${String(says('db.name'))}`);
  expect(says('service.allow_origins')).toBe('https://a.example,https://b.example');
  expect(says('service.listen_addr')).toBe('127.0.0.1:0');
  expect(says('log.customer_env')).toBe('staging');
  // What counts, not what was asked for: a revoked key is never believed for thirty seconds.
  expect(says('service.cache_refresh_interval')).toBe('5s');
});

test('200: run-time variables are shown as they are now', async () => {
  await vault.send('POST', '/system/confvar/log_level', { json: { value: 'error' } });
  await vault.send('POST', '/system/confvar/trace_sql', { json: { value: 'true' } });
  const document = await configurationOf(vault);
  await vault.send('DELETE', '/system/confvar');
  expect([at(document, 'log.level'), at(document, 'db.trace_sql')]).toEqual(['error', true]);
  expect(at(await configurationOf(vault), 'log.level')).toBe('debug');
});

test('200: no secret is in it, whatever the settings say about masking', async () => {
  const { text } = await vault.send('GET', PATH);
  const document = parse(text);
  for (const path of ['service.admin_api_key', 'kms.seed', 'db.password']) {
    expect(at(document, path)).toMatch(/^(\*{8})?$/);
  }
  expect(at(document, 'service.admin_api_key')).toBe('********');
  const password = new URL(vault.database.url).password;
  expect(password.length).toBeGreaterThan(0);
  for (const secret of ['pvaultauth', 'canary-license', password]) expect(text).not.toContain(secret);
});

test('403: only with the capability, PV1007; 401: not without a key', async () => {
  const keys = await setClients(vault, [
    { name: 'reader', capabilities: ['CapInfoReader'] },
    { name: 'kms', capabilities: ['CapKMSReader'] },
  ]);
  expect((await vault.send('GET', PATH, { key: keys.reader! })).status).toBe(200);
  expect(refused(await vault.send('GET', PATH, { key: keys.kms! }))).toBe('403 PV1007');
  expect(refused(await vault.send('GET', PATH, { key: null }))).toBe('401 PV1005');
});
