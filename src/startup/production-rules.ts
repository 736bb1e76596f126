import { type Config, SETTINGS, variableOf } from '../config.js';
import { isLoopback } from '../http/loopback.js';
import { weaknessOfAdminKey } from '../operations/iam/admin-key-strength.js';

/**
 * What stands against starting with these settings, each a sentence that names the setting: all of it, so that an operator mends it
 * in one go. Empty: nothing. (architecture.md D4.)
 */
export function problemsOf(config: Config): string[] {
  return config.devmode ? developmentProblems(config) : productionProblems(config);
}

function developmentProblems(config: Config): string[] {
  const problems: string[] = [];
  if (!isLoopback(config['service.listen_addr'].host)) {
    problems.push(
      `Development mode listens on loopback only, because everybody knows its admin key: set ${variableOf('service.listen_addr')} to 127.0.0.1:<port>, or run \`coatcheck serve\`.`,
    );
  }
  if (
    config['service.allow_origins'].includes('*') &&
    config['service.admin_api_key'] === SETTINGS['service.admin_api_key'].inDevelopment
  ) {
    problems.push(
      `${variableOf('service.allow_origins')} must not be * while everybody knows the admin key: any web page could read the vault. Name the origins.`,
    );
  }
  return [...problems, ...exportKeyProblems(config), ...tlsProblems(config), ...originProblems(config)];
}

function productionProblems(config: Config): string[] {
  const problems: string[] = [];
  if (!config['db.url'] && !config['db.hostname']) {
    problems.push(`${variableOf('db.url')} is not set: production keeps its data in a PostgreSQL of yours.`);
  }
  if (!config['kms.key'] && !config['kms.key_file']) {
    problems.push(
      `Neither ${variableOf('kms.key_file')} nor ${variableOf('kms.key')} is set: there is no root key.`,
    );
  }
  const weakness = weaknessOfAdminKey(config['service.admin_api_key'] ?? '');
  if (weakness) problems.push(`${variableOf('service.admin_api_key')} ${weakness}.`);
  const encrypted = config['tls.enable'] || config['tls.selfsigned'] || config['tls.terminated_upstream'];
  if (!encrypted && !isLoopback(config['service.listen_addr'].host)) {
    problems.push(
      `Plain HTTP is served on loopback only: set ${variableOf('tls.enable')}, ${variableOf('tls.selfsigned')} or, behind a proxy that speaks TLS, ${variableOf('tls.terminated_upstream')}.`,
    );
  }
  if (config['kms.key'] && config['kms.key_file']) {
    problems.push(`${variableOf('kms.key')} and ${variableOf('kms.key_file')} are both set: give one.`);
  }
  return [...problems, ...exportKeyProblems(config), ...tlsProblems(config), ...originProblems(config)];
}

/** A browser sends an origin in one spelling only; one written in another would never be allowed, and nobody would know why. */
function originProblems(config: Config): string[] {
  const written = config['service.allow_origins'].filter((origin) => origin !== '*');
  return written.some(
    (origin) => !/^[^*]+$/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin,
  )
    ? [
        `${variableOf('service.allow_origins')} must hold origins such as https://app.example.com, in lower case and with nothing behind them.`,
      ]
    : [];
}

/** Who shares the export key with another vault must not hand over the root key with it. */
function exportKeyProblems(config: Config): string[] {
  const [text, file] = [config['kms.export_key'], config['kms.export_key_file']];
  const [textName, fileName] = [variableOf('kms.export_key'), variableOf('kms.export_key_file')];
  if (text && file) return [`${textName} and ${fileName} are both set: give one.`];
  const isRootKey = ' is the root key: exports need a key of their own.';
  if (text && text === config['kms.key']) return [textName + isRootKey];
  return file && file === config['kms.key_file'] ? [fileName + isRootKey] : [];
}

function tlsProblems(config: Config): string[] {
  if (
    config['tls.enable'] &&
    !config['tls.selfsigned'] &&
    !(config['tls.cert_file'] && config['tls.key_file'])
  ) {
    return [
      `${variableOf('tls.enable')} needs ${variableOf('tls.cert_file')} and ${variableOf('tls.key_file')}.`,
    ];
  }
  return [];
}
