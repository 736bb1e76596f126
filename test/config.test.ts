import pg from 'pg';
import {
  ConfigError,
  SETTINGS,
  type Setting,
  type SettingPath,
  readConfig,
  variableOf,
} from '../src/config.js';
import { durationText, interval } from '../src/config-kinds.js';
import { IGNORED_VARIABLES, ignoredIn } from '../src/ignored-settings.js';
import { databaseUrlOf } from '../src/startup/database-url.js';
import { problemsOf } from '../src/startup/production-rules.js';

const PATHS = Object.keys(SETTINGS) as SettingPath[];

/** The problems with an environment, none where it can be read. */
function problems(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
}

describe('reading', () => {
  test('without any variable every setting has its fallback', () => {
    const config = readConfig({});
    for (const path of PATHS) expect(config[path]).toEqual(SETTINGS[path].fallback);
    expect(config.devmode).toBe(false);
    expect(config['service.listen_addr']).toEqual({ host: '127.0.0.1', port: 8123 });
  });

  test('no secret has a fallback outside development', () => {
    for (const path of PATHS) {
      const { kind, fallback }: Setting<unknown> = SETTINGS[path];
      if (kind.secret) expect(fallback).toBeNull();
    }
  });

  test('development has its own fallbacks, which a variable overrides', () => {
    expect(readConfig({ COATCHECK_DEVMODE: 'true' })['service.admin_api_key']).toBe('pvaultauth');
    expect(readConfig({ COATCHECK_DEVMODE: '1' })['service.admin_may_read_data']).toBe(true);
    const own = { COATCHECK_DEVMODE: 'true', COATCHECK_SERVICE_ADMIN_API_KEY: 'mine' };
    expect(readConfig(own)['service.admin_api_key']).toBe('mine');
    expect(readConfig({})['service.admin_api_key']).toBeNull();
    expect(readConfig({ COATCHECK_DEVMODE: 'false' })['service.admin_api_key']).toBeNull();
  });

  test.each(PATHS)('%s is read from its variable and from the one of an existing deployment', (path) => {
    const { kind, fallback }: Setting<unknown> = SETTINGS[path];
    const text = ['true', 'false', '7', 'debug', '127.0.0.1:99', '7h', 'stderr', 'x'].find((each) => {
      const value = kind.read(each);
      return value !== undefined && JSON.stringify(value) !== JSON.stringify(fallback);
    })!;
    const variable = variableOf(path);
    expect(readConfig({ [variable]: text })[path]).toEqual(kind.read(text));
    const alias = variable.replace('COATCHECK_', 'PVAULT_');
    expect(readConfig({ [alias]: text })[path]).toEqual(kind.read(text));
    expect(readConfig({ [alias]: 'nonsense', [variable]: text })[path]).toEqual(kind.read(text));
  });

  test('an empty variable says nothing', () => {
    for (const path of PATHS) {
      const { inDevelopment, fallback } = SETTINGS[path] as Setting<unknown>;
      expect(readConfig({ [variableOf(path)]: '' })[path]).toEqual(fallback);
      const development = readConfig({ COATCHECK_DEVMODE: 'true', [variableOf(path)]: '' });
      if (path !== 'devmode') expect(development[path]).toEqual(inDevelopment ?? fallback);
    }
  });

  test('every problem is said at once, by the name that was used, and no text is repeated', () => {
    const env = {
      COATCHECK_SERVICE_LISTEN_ADDR: 'canary',
      PVAULT_LOG_LEVEL: 'canary',
      COATCHECK_DB_MAX_OPEN_CONNS: '0',
      COATCHECK_EXPIRATION_TOKENS: 'canary',
      COATCHECK_TLS_ENABLE: 'canary',
      COATCHECK_SERVICE_LISTEN_ADRR: 'canary',
      COATCHECK_KMS: 'canary',
    };
    const found = problems(env);
    expect(found).toHaveLength(7);
    for (const name of Object.keys(env))
      expect(found.filter((each) => each.startsWith(`${name} `))).toHaveLength(1);
    expect(found.join()).not.toContain('canary');
  });

  test("others' variables are none of our business", () => {
    const env = {
      PATH: 'x',
      PVAULT_UNKNOWN: 'x',
      PVAULT_SENTRY_ENABLE: 'true',
      COATCHECK_TEST_X: 'x',
      NODE_ENV: 'x',
    };
    expect(problems(env)).toEqual([]);
  });

  test.each<[SettingPath, string, unknown]>([
    ['service.listen_addr', '0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['service.listen_addr', ':80', { host: '0.0.0.0', port: 80 }],
    ['service.listen_addr', '[::1]:0', { host: '::1', port: 0 }],
    ['service.listen_addr', 'vault.local:65535', { host: 'vault.local', port: 65_535 }],
    ['service.listen_addr', '127.0.0.1:65536', undefined],
    ['service.listen_addr', '127.0.0.1', undefined],
    ['service.listen_addr', '::1:80', undefined],
    ['service.listen_addr', '127.0.0.1:-1', undefined],
    ['expiration.tokens', '720h', 2_592_000],
    ['expiration.tokens', '1h30m', 5_400],
    ['expiration.tokens', '90s', 90],
    ['expiration.tokens', '90', undefined],
    ['expiration.tokens', '-1h', undefined],
    ['expiration.tokens', '1.5h', undefined],
    [
      'service.allow_origins',
      ' https://a.example , ,https://b.example',
      ['https://a.example', 'https://b.example'],
    ],
    ['service.default_page_size', '1', 1],
    ['service.default_page_size', '0', undefined],
    ['service.default_page_size', '1001', undefined],
    ['service.default_page_size', '1e2', undefined],
    ['service.default_page_size', ' 5', undefined],
    ['service.default_page_size', '0x10', undefined],
    ['tls.enable', 'TRUE', true],
    ['tls.enable', '0', false],
    ['tls.enable', 'yes', undefined],
    ['log.level', 'WARN', 'warn'],
    ['log.level', 'silly', undefined],
    ['log.destination', 'STDERR', 'stderr'],
    ['log.destination', 'syslog', undefined],
    ['service.archive_prune_interval', '0', 0],
    ['service.archive_prune_interval', '0s', 0],
    ['service.archive_prune_interval', '90m', 5_400],
    ['service.archive_prune_interval', '90', undefined],
    ['db.gc_retention_period', '30d', 2_592_000],
    ['service.workers', '1', 1],
    ['service.workers', '64', 64],
    ['service.workers', '0', undefined],
    ['service.workers', '65', undefined],
    ['service.workers', 'auto', undefined],
  ])('%s given as %j', (path, text, wanted) => {
    expect((SETTINGS[path] as Setting<unknown>).kind.read(text)).toEqual(wanted);
  });
});

test.each([
  [0, '0s'],
  [59, '59s'],
  [3_600, '1h'],
  [5_430, '1h30m30s'],
  [2_592_000, '720h'],
])('%d seconds are shown as %s, which reads as the same', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
  expect(interval.read(text)).toBe(seconds);
});

describe('settings of an existing deployment', () => {
  test('each has an effect or is known to have none, never both', () => {
    for (const name of IGNORED_VARIABLES.keys()) {
      expect(PATHS.map((path) => variableOf(path).replace('COATCHECK_', 'PVAULT_'))).not.toContain(name);
    }
    expect(IGNORED_VARIABLES.size).toBeGreaterThan(10);
  });

  test('those without are told apart from names that nobody knows, and from settings of ours', () => {
    const env = {
      PVAULT_SENTRY_ENABLE: 'true',
      PVAULT_LOG_AUDIT_ENABLE: 'false',
      PVAULT_LOG_LEVEL: 'info',
      PVAULT_LOG_LEVLE: 'info',
      PVAULT_STATS: '',
      PATH: 'x',
    };
    expect(ignoredIn(env)).toEqual({
      known: ['PVAULT_LOG_AUDIT_ENABLE', 'PVAULT_SENTRY_ENABLE'],
      unknown: ['PVAULT_LOG_LEVLE'],
    });
  });
});

describe('the database', () => {
  test('is the URL, whatever else is set, and none without URL and host', () => {
    expect(databaseUrlOf(readConfig({}))).toBeNull();
    expect(databaseUrlOf(readConfig({ COATCHECK_DB_NAME: 'x', COATCHECK_DB_PASSWORD: 'x' }))).toBeNull();
    expect(databaseUrlOf(readConfig({ DATABASE_URL: 'postgres://a/b', COATCHECK_DB_HOSTNAME: 'c' }))).toBe(
      'postgres://a/b',
    );
  });

  test('put together from its parts comes apart into the same ones', () => {
    const parts = { user: 'us/er@x', password: 'p:a@s/s?#%41 ü', database: 'da ta' };
    const url = databaseUrlOf(
      readConfig({
        PVAULT_DB_HOSTNAME: 'db.example',
        PVAULT_DB_PORT: '6543',
        PVAULT_DB_NAME: parts.database,
        PVAULT_DB_USER: parts.user,
        PVAULT_DB_PASSWORD: parts.password,
      }),
    )!;
    const { user, password, database, host, port } = new pg.Client({ connectionString: url });
    expect({ user, password, database, host, port }).toEqual({ ...parts, host: 'db.example', port: 6543 });
  });

  test('is reached by TLS with the name checked, unless that is switched off', () => {
    const host = { COATCHECK_DB_HOSTNAME: 'db.example' };
    expect(databaseUrlOf(readConfig(host))).toContain('sslmode=verify-full');
    expect(databaseUrlOf(readConfig({ ...host, COATCHECK_DB_REQUIRE_TLS: 'false' }))).toContain(
      'sslmode=disable',
    );
  });
});

describe('what may not start', () => {
  const PRODUCTION = {
    DATABASE_URL: 'postgres://a/b',
    COATCHECK_KMS_KEY: 'x',
    COATCHECK_SERVICE_ADMIN_API_KEY: 'Operator1Operator1',
  };
  const against = (env: Record<string, string>): string[] => problemsOf(readConfig(env));

  test('nothing stands against a whole production configuration', () => {
    expect(against(PRODUCTION)).toEqual([]);
    expect(against({ ...PRODUCTION, COATCHECK_SERVICE_LISTEN_ADDR: '[::1]:1' })).toEqual([]);
    expect(
      against({ ...PRODUCTION, COATCHECK_SERVICE_LISTEN_ADDR: ':1', COATCHECK_TLS_SELFSIGNED: 'true' }),
    ).toEqual([]);
    expect(
      against({
        ...PRODUCTION,
        COATCHECK_SERVICE_LISTEN_ADDR: ':1',
        COATCHECK_TLS_TERMINATED_UPSTREAM: 'true',
      }),
    ).toEqual([]);
  });

  test('everything stands against an empty one', () => {
    expect(against({})).toHaveLength(3);
  });

  test.each([
    ['the key of development', 'pvaultauth'],
    ['fourteen characters', 'Operator1Opera'],
    ['no digit', 'OperatorOperator'],
    ['no lower case letter', 'OPERATOR1OPERATOR1'],
    ['no upper case letter', 'operator1operator1'],
    ['what no header could carry', 'Operator 1 Operator 1'],
    ['the form of an issued key', 'pv_live_Operator1Operator1'],
    ['the form of a JWT', 'eyJOperator1.Operator1.Operator1'],
  ])('an admin key with %s, which is not repeated', (_name, key) => {
    const found = against({ ...PRODUCTION, COATCHECK_SERVICE_ADMIN_API_KEY: key });
    expect(found).toEqual([expect.stringMatching(/^COATCHECK_SERVICE_ADMIN_API_KEY /)]);
    expect(found.join()).not.toContain(key);
  });

  test.each(['0.0.0.0:1', ':1', '[::]:1', '192.0.2.1:1', 'vault.example:1', '127.0.0.1.example:1'])(
    'plain HTTP and development on %s',
    (address) => {
      const listen = { COATCHECK_SERVICE_LISTEN_ADDR: address };
      expect(against({ ...PRODUCTION, ...listen })).toEqual([expect.stringContaining('loopback only')]);
      const development = {
        ...PRODUCTION,
        ...listen,
        COATCHECK_DEVMODE: 'true',
        COATCHECK_TLS_SELFSIGNED: 'true',
      };
      expect(against(development)).toEqual([expect.stringContaining('loopback only')]);
    },
  );

  test('all origins in development with the key that everybody knows, and with no other', () => {
    const development = { COATCHECK_DEVMODE: 'true', COATCHECK_SERVICE_ALLOW_ORIGINS: 'https://a.example,*' };
    expect(against(development)).toEqual([expect.stringContaining('must not be *')]);
    expect(against({ ...development, COATCHECK_SERVICE_ADMIN_API_KEY: 'Operator1Operator1' })).toEqual([]);
    expect(against({ ...PRODUCTION, COATCHECK_SERVICE_ALLOW_ORIGINS: '*' })).toEqual([]);
  });

  test.each([
    'https://a.example/',
    'https://a.example/path',
    'a.example',
    'HTTPS://a.example',
    'https://a.example:443',
    'null',
    'https://*.example',
  ])('%s as an origin: no browser sends it so', (origin) => {
    const found = against({
      ...PRODUCTION,
      COATCHECK_SERVICE_ALLOW_ORIGINS: `http://localhost:3000,${origin}`,
    });
    expect(found).toEqual([expect.stringContaining('COATCHECK_SERVICE_ALLOW_ORIGINS must hold origins')]);
  });

  test('two export keys, and an export key that is the root key', () => {
    const secret = 'Export1Export1';
    const shared = { ...PRODUCTION, COATCHECK_KMS_EXPORT_KEY: secret };
    expect(against(shared)).toEqual([]);
    expect(against({ ...shared, COATCHECK_KMS_EXPORT_KEY_FILE: 'x' })).toEqual([
      expect.stringMatching(/COATCHECK_KMS_EXPORT_KEY and COATCHECK_KMS_EXPORT_KEY_FILE .*give one/),
    ]);
    const same = against({ ...shared, COATCHECK_KMS_KEY: secret });
    expect(same).toEqual([expect.stringMatching(/^COATCHECK_KMS_EXPORT_KEY is the root key/)]);
    expect(same.join()).not.toContain(secret);
    const files = { COATCHECK_KMS_KEY: '', COATCHECK_KMS_KEY_FILE: 'f', COATCHECK_KMS_EXPORT_KEY_FILE: 'f' };
    expect(against({ ...PRODUCTION, ...files })).toEqual([
      expect.stringMatching(/^COATCHECK_KMS_EXPORT_KEY_FILE is the root key/),
    ]);
  });

  test('two root keys, and TLS without its files', () => {
    expect(against({ ...PRODUCTION, COATCHECK_KMS_KEY_FILE: 'x' })).toEqual([
      expect.stringContaining('give one'),
    ]);
    expect(against({ ...PRODUCTION, COATCHECK_TLS_ENABLE: 'true', COATCHECK_TLS_CERT_FILE: 'x' })).toEqual([
      expect.stringContaining('COATCHECK_TLS_KEY_FILE'),
    ]);
  });
});
