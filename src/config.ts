/* The one table of settings, all of it in one place however long: what reads a setting, what documents it and what refuses it start here. */
import {
  type Kind,
  address,
  bytes,
  choice,
  count,
  duration,
  flag,
  interval,
  level,
  list,
  secret,
  text,
} from './config-kinds.js';
import { OperatorError } from './errors.js';

/** One setting: how its text is read, what it is without one, and what it does. */
export interface Setting<T> {
  readonly kind: Kind<T>;
  readonly fallback: T;
  /** What it is in development mode without a text, where that differs. */
  readonly inDevelopment?: T;
  readonly meaning: string;
  /** Its environment variable, where it is not the one made of its path. */
  readonly variable?: string;
}

/**
 * The one table of settings. A path such as `service.listen_addr` is set by COATCHECK_SERVICE_LISTEN_ADDR or, so that an
 * existing deployment's environment keeps working, PVAULT_SERVICE_LISTEN_ADDR. The README's table is generated from here.
 */
export const SETTINGS = {
  devmode: set(flag, false, 'Development mode. `npm start` switches it on, nothing else should.'),
  data_dir: set(
    text,
    './.coatcheck',
    'Where development mode keeps PostgreSQL, the root key and certificates.',
  ),

  'service.listen_addr': set(address, { host: '127.0.0.1', port: 8123 }, 'Address and port to listen on.'),
  'service.workers': set(
    count(1, 64),
    1,
    'Processes that serve the address together; more than one makes use of more cores.',
  ),
  'service.admin_api_key': {
    ...set(
      secret,
      null,
      "The Admin's API key: at least 15 characters with a digit, a lower and an upper case letter.",
    ),
    inDevelopment: 'pvaultauth',
  },
  'service.override_admin_api_key_on_restart': set(
    flag,
    false,
    'At every start, put the key above back in place of one set through the API.',
  ),
  'service.admin_may_read_data': {
    ...set(flag, false, 'Whether the Admin may read, search, detokenize and decrypt.'),
    inDevelopment: true,
  },
  'service.force_access_reason': set(flag, false, 'Refuse data requests that give no `reason`.'),
  'service.default_page_size': set(
    count(1, 1000),
    100,
    'Objects on a page unless the request says otherwise.',
  ),
  'service.max_page_size': set(
    count(1, 10_000),
    1000,
    'Most objects on a page, ids in a request and items in a batch.',
  ),
  'service.max_pagination_remaining_count': set(
    count(1, 10_000_000),
    10_000,
    'Counting stops here: counts are exact up to it.',
  ),
  'service.timeout_seconds': set(count(1, 300), 30, 'Longest a database statement may run.'),
  'service.max_in_flight': set(
    count(1, 100_000),
    1000,
    'Requests under way in one process; further ones get 503.',
  ),
  'service.max_event_loop_delay_ms': set(
    count(0, 60_000),
    10,
    'Where the event loop is usually later than this, fewer requests may be under way, down to 64; 0: only their number counts.',
  ),
  'service.rate_limit_per_address': set(
    count(0, 10_000_000),
    100_000,
    'Requests a minute from one address; 0: no limit.',
  ),
  'service.rate_limit_per_client': set(
    count(0, 10_000_000),
    60_000,
    'Requests a minute of one user; 0: no limit.',
  ),
  'service.trusted_proxies': set(count(0, 10), 0, 'Proxies in front whose X-Forwarded-For is believed.'),
  'service.allow_origins': set(list, [], 'Origins whose pages may call from a browser, comma-separated.'),
  'service.allowed_http_destinations': set(
    list,
    [],
    'Base URLs that actions and `http_call` may send to, comma-separated, such as `https://api.example.com/v1`.',
  ),
  'service.allowed_pci_http_destinations': set(
    list,
    [],
    'The same for requests that may carry card data; these may be sent to none of the others.',
  ),
  'service.actions_http_call_role': set(
    text,
    '',
    'The role with which `http_call` reads the values it sends; without one it is refused.',
  ),
  'service.metrics_token': set(
    secret,
    null,
    'Bearer token of `/metrics`; without one only this machine may read it.',
  ),
  'service.cache_refresh_interval': set(
    interval,
    5,
    'Longest that collections, IAM and keys are believed without asking the database. No longer than `5s` counts, nor does `0`.',
  ),
  'service.archive_prune_interval': set(
    interval,
    0,
    'How often one of the instances removes what was archived longer ago than `db.gc_retention_period`; 0: never.',
  ),
  'service.archive_prune_timeout': set(interval, 60, 'Longest that one such run goes on; 0: no limit.'),
  'service.worker_priority': set(count(0, 1_000_000), 0, 'Shown with the instance by the cluster operation.'),
  'service.license': set(
    secret,
    null,
    'A license text to show where none was set through the API. It gates nothing.',
  ),
  'search.scan_limit': set(
    count(1, 1_000_000),
    10_000,
    'Most objects a search opens for conditions that no index answers.',
  ),

  'db.url': {
    ...set(secret, null, 'The PostgreSQL database. Without it development mode starts one of its own.'),
    variable: 'DATABASE_URL',
  },
  'db.hostname': set(text, '', 'Host of the database, where it is not given as a URL.'),
  'db.port': set(count(1, 65_535), 5432, 'Its port.'),
  'db.name': set(text, 'pvault', 'Its name.'),
  'db.user': set(text, 'pvault', 'Its user.'),
  'db.password': set(secret, null, "The user's password."),
  'db.require_tls': { ...set(flag, true, 'Insist on TLS to the database.'), inDevelopment: false },
  'db.max_open_conns': set(
    count(2, 1000),
    16,
    'Most connections to the database; workers have equal parts of them, at least two each.',
  ),
  'db.conn_max_lifetime_minutes': set(
    count(0, 10_000),
    5,
    'A connection to the database is replaced after this time; 0: never.',
  ),
  'db.migration_auto_run': set(
    flag,
    true,
    "Bring the database to this program's version at start; otherwise `coatcheck migrate` has to.",
  ),
  'db.trace_sql': set(flag, false, 'Log the text of every SQL statement, never its parameters.'),
  'db.gc_retention_period': set(
    interval,
    2_592_000,
    'How long archived objects and tokens are kept before garbage collection may remove them.',
  ),
  'db.gc_batch_size': set(
    count(1, 1_000_000),
    1000,
    'Most items that garbage collection removes in one transaction; no more than 1000 count.',
  ),
  'db.max_string_length': set(count(1, 65_536), 450, 'Longest STRING value, in characters.'),
  'db.max_blob_length': set(bytes, 5_242_880, 'Longest BLOB, JSON or LONG_TEXT value, in bytes.'),
  'db.max_token_tags': set(count(0, 100), 10, 'Most tags on a token.'),

  'kms.key': set(secret, null, 'The root key: 32 bytes as 64 hex digits or base64.'),
  'kms.key_file': set(text, '', 'A file that holds the root key.'),
  'kms.epoch_file': set(
    text,
    '',
    'Where the epoch keys are kept, wrapped by the root key. Default: beside the root-key file; with `kms.key` they are derived.',
  ),
  'kms.export_key': set(
    secret,
    null,
    'What exports are sealed under: 32 bytes, shared with the vaults that may import them; not the root key. Without one production exports nothing.',
  ),
  'kms.export_key_file': set(text, '', 'A file that holds it.'),

  'expiration.tokens': set(
    duration,
    null,
    'Life of a token that names none, such as `720h`; empty: for ever.',
  ),
  'expiration.associated_objects': set(
    duration,
    null,
    'Life of an object that has an owner and names none; empty: for ever, which is as long as its owner.',
  ),
  'expiration.unassociated_objects': set(
    duration,
    null,
    'Life of an object without an owner that names none; empty: for ever.',
  ),

  'features.disable_idp_jwks': set(
    flag,
    false,
    'Never fetch the keys of identity providers; those written in the IAM configuration go on.',
  ),
  'features.disable_javascript': set(
    flag,
    false,
    'Run no bundle: custom data types that need one, and actions, answer PV1003.',
  ),
  'features.disable_cc_luhn_validation': set(flag, false, 'Accept card numbers whose check digit is wrong.'),
  'features.mask_license': set(flag, false, 'Show of the license only its last four characters.'),
  'features.disable_docs': set(flag, false, 'Do not serve `/docs` and `/openapi.yaml`.'),

  'console.enable': set(flag, true, 'Serve the console for auditors at `/console/`.'),

  'tls.enable': set(flag, false, 'Serve HTTPS with the two files below.'),
  'tls.cert_file': set(text, '', 'Certificate chain, PEM.'),
  'tls.key_file': set(text, '', 'Its private key, PEM.'),
  'tls.selfsigned': set(
    flag,
    false,
    'Serve HTTPS with a certificate made at first start in `<data_dir>/tls`.',
  ),
  'tls.client_ca_file': set(text, '', 'Demand client certificates signed by this CA, PEM.'),
  'tls.terminated_upstream': set(
    flag,
    false,
    'A proxy in front speaks TLS; plain HTTP off loopback is then allowed.',
  ),

  'audit.origin': set(
    text,
    '',
    "The access log's name in its checkpoints, fixed with the first one (but see docs/OPERATIONS.md). Default: `coatcheck/<vault id>`.",
  ),
  'audit.witnesses': set(
    list,
    [],
    'Witnesses that cosign checkpoints, comma-separated, each its verifier key, a space and its URL.',
  ),
  'audit.retention': set(
    interval,
    0,
    'Entries of the access log older than this may be pruned, by `coatcheck audit prune` alone; 0: everything is kept.',
  ),
  'audit.check_interval': set(
    interval,
    24 * 60 * 60,
    'How often one of the instances recomputes the whole access log, slowly, and raises an alarm for what is wrong; 0: never.',
  ),
  'audit.checkpoint_file': set(text, '', 'A file that each new checkpoint is appended to, as a JSON line.'),
  'audit.checkpoint_url': set(text, '', 'A URL that each new checkpoint is posted to.'),

  'log.level': set(level, 'info', 'What is logged: error, warn, info or debug.'),
  'log.destination': set(choice('stdout', 'stderr'), 'stdout', 'Where log lines go.'),
  'log.customer_identifier': set(text, '', 'Stands in every log line.'),
  'log.customer_env': set(text, '', 'Stands in every log line.'),
  'log.customer_region': set(text, '', 'Stands in every log line.'),
  'log.audit_remote_addr_enable': set(flag, false, "Record the caller's address in the access log."),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingPath = keyof typeof SETTINGS;
type ValueOf<P extends SettingPath> = (typeof SETTINGS)[P] extends { readonly kind: Kind<infer T> }
  ? T
  : never;
export type Config = { readonly [P in SettingPath]: ValueOf<P> };

/** Settings that cannot be used; `problems` is every one of them, each a sentence naming its variable. */
export class ConfigError extends OperatorError {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** The environment variable of a setting. */
export function variableOf(path: SettingPath): string {
  const { variable }: { variable?: string } = SETTINGS[path];
  return variable ?? `COATCHECK_${path.replaceAll('.', '_').toUpperCase()}`;
}

/**
 * Reads the settings from environment variables. Throws {@link ConfigError} with all problems at once: texts that cannot be
 * read, and COATCHECK_ names that are no setting, which are misspelt.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const paths = Object.keys(SETTINGS) as SettingPath[];
  const devmode = /^(1|true)$/i.test(env.COATCHECK_DEVMODE ?? env.PVAULT_DEVMODE ?? '');

  const entries = paths.map((path) => {
    const setting: Setting<unknown> = SETTINGS[path];
    const fallback = devmode && 'inDevelopment' in setting ? setting.inDevelopment : setting.fallback;
    const variable = [variableOf(path), variableOf(path).replace('COATCHECK_', 'PVAULT_')].find(
      (name) => env[name] !== undefined,
    );
    if (!variable || env[variable] === '') return [path, fallback];
    const read = setting.kind.read(env[variable]!);
    if (read === undefined) problems.push(`${variable} must be ${setting.kind.wants}.`);
    return [path, read ?? fallback];
  });

  const known = new Set(paths.map(variableOf));
  for (const name of Object.keys(env)) {
    if (name.startsWith('COATCHECK_') && !name.startsWith('COATCHECK_TEST_') && !known.has(name)) {
      problems.push(`${name} is not a setting.`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(entries) as Config;
}

function set<T>(kind: Kind<T>, fallback: T, meaning: string): Setting<T> {
  return { kind, fallback, meaning };
}
