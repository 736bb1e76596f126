import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'winston';
import { Checkpointer } from './access-log/checkpointer.js';
import { AccessLog } from './access-log/writer.js';
import { Sandbox } from './bundles/sandbox.js';
import type { Config } from './config.js';
import { Keyring } from './crypto/index.js';
import { HttpServer } from './http/server.js';
import type { Siblings } from './http/siblings.js';
import { OPERATIONS } from './operations/index.js';
import { deleteErased } from './operations/idp/delete-erased.js';
import { buildBlindIndexes } from './operations/properties/build-blind-index.js';
import { rewrapObjectKeys } from './operations/keys/rewrap-object-keys.js';
import { RuntimeVariables } from './operations/variables/runtime-variables.js';
import type { Vault } from './operations/vault.js';
import { Outbound } from './outbound/outbound.js';
import { operationSettings } from './startup/operation-settings.js';
import { startCheckpoints, witnessesOf } from './startup/checkpoints.js';
import { startPruning } from './startup/archive-prune.js';
import { cacheSeconds, configurationDocument } from './startup/configuration-document.js';
import { type FindingsLine, hearFindings, tellFindings } from './startup/findings.js';
import { startHeartbeat } from './startup/heartbeat.js';
import { readConsoleFiles } from './startup/console-files.js';
import { epochsOf, rootKeyHolder } from './startup/root-keys.js';
import { loadExportRoot } from './startup/export-root.js';
import { collectSooner } from './startup/collect-sooner.js';
import { startHousekeeping } from './startup/housekeeping.js';
import { startWriteBack } from './startup/write-back.js';
import { IntegrityAlarms } from './startup/integrity-alarms.js';
import { startIntegrityCheck } from './startup/integrity-check.js';
import type { Database } from './store/database.js';
import { keystoreTables } from './store/keystore-tables.js';
import { MetadataCache } from './store/metadata-cache.js';
import { migrate, requireMigrated, schemaVersion } from './store/migrations/migrate.js';
import { WriteBackQueue } from './store/write-back-queue.js';
import { openIdentity } from './store/vault-identity.js';
import { openDatabase } from './startup/open-database.js';
import { openIam } from './startup/open-iam.js';
import { tlsOf } from './startup/tls-of.js';
import { VERSION } from './version.js';

const OPENAPI = fileURLToPath(new URL('../openapi.yaml', import.meta.url));

/** A running vault. */
export interface App {
  readonly url: string;
  readonly vault: Vault;
  /** Not ready, drain, flush the log, close; in that order. */
  close(): Promise<void>;
}

/** A process that serves beside others, in an instance that was prepared before it. */
export interface WorkerPlace {
  /** Whether it does what one process does for all. */
  readonly isFirst: boolean;
  readonly siblings: Siblings & FindingsLine & { onRefresh(refresh: () => void): void };
}

/**
 * Builds a vault over a database and starts it, by itself or as one of several workers. Whatever stands against that is thrown with a message
 * for the operator.
 */
export async function startApp(
  config: Config,
  databaseUrl: string,
  log: Logger,
  worker: WorkerPlace | null = null,
): Promise<App> {
  collectSooner();
  if (worker === null) await (config['db.migration_auto_run'] ? migrate : requireMigrated)(databaseUrl);
  const forAll = worker === null || worker.isFirst;
  // What is open, to be closed in the opposite order, whether the vault stops or never came up.
  const open: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of open.splice(0).reverse()) await each();
  };

  try {
    const database = openDatabase(config, databaseUrl, log);
    open.push(() => database.close());
    const { vaultId } = await openIdentity(database, config.devmode ? 'development' : 'production');
    const keyring = await Keyring.unlock(keystoreTables(database), await epochsOf(config));
    const iam = await openIam(database, keyring, config, log, worker !== null);

    const variables = openVariables(config, database, log);
    const changed = (): void => {
      keyring.forget();
      // One that fails is made up for by housekeeping.
      variables.refresh().catch(() => undefined);
    };
    const metadata = new MetadataCache(database, keyring, databaseUrl, changed, cacheSeconds(config) * 1000);
    metadata.expectIamVersion(iam.atLeast);
    if (iam.problem) metadata.distrust(iam.problem);
    open.push(() => metadata.close());
    worker?.siblings.onRefresh(() => {
      metadata.invalidate();
      changed();
    });
    await variables.refresh();
    const accessLog = new AccessLog(database);
    open.push(() => accessLog.flush());
    const alarms = new IntegrityAlarms(accessLog, log);
    const sandbox = config['features.disable_javascript'] ? null : new Sandbox();
    open.push(async () => sandbox?.close());
    const vault: Vault = {
      id: vaultId,
      version: VERSION,
      schemaVersion: await schemaVersion(),
      settings: operationSettings(config),
      database,
      keyring,
      exportRoot: await loadExportRoot(config),
      metadata,
      log: accessLog,
      checkpoints: new Checkpointer(database, keyring, config['audit.origin'] || `coatcheck/${vaultId}`),
      witnesses: witnessesOf(config, database),
      alarms,
      variables,
      configuration: configurationDocument(config, databaseUrl),
      rootKey: rootKeyHolder(config, keystoreTables(database)),
      sandbox,
      writeBack: new WriteBackQueue(database),
      outbound: new Outbound(
        config['service.allowed_http_destinations'],
        config['service.allowed_pci_http_destinations'],
      ),
    };
    open.push(
      startHousekeeping(
        vault,
        log,
        forAll,
        () => buildBlindIndexes(vault),
        (stopped) => rewrapKeys(vault, log, stopped),
        () => deleteErased(vault, new Date()),
      ),
    );
    open.push(startWriteBack(vault, log));
    if (worker !== null) (forAll ? tellFindings : hearFindings)(vault, alarms, worker.siblings);
    if (forAll) open.push(startCheckpoints(vault, alarms, config, log));
    open.push(await startHeartbeat(vault, log, config['service.worker_priority']));
    if (forAll) {
      open.push(
        startPruning(vault, log, {
          intervalSeconds: config['service.archive_prune_interval'],
          timeoutSeconds: config['service.archive_prune_timeout'],
        }),
      );
      open.push(startIntegrityCheck(vault, alarms, log, config['audit.check_interval']));
    }
    const server = await openServer(config, vault, log, worker?.siblings ?? null);
    open.push(() => server.close());
    return { url: await server.listen(), vault, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Level and statement trace of the operator's log, which change while the vault runs. */
function openVariables(config: Config, database: Database, log: Logger): RuntimeVariables {
  const defaults = { log_level: log.level as Config['log.level'], trace_sql: config['db.trace_sql'] };
  const trace = (text: string): void => void log.info('sql', { statement: text.replace(/\s+/g, ' ').trim() });
  return new RuntimeVariables(database, defaults, ({ log_level, trace_sql }) => {
    log.level = log_level;
    database.traceTo(trace_sql ? trace : null);
  });
}

async function rewrapKeys(vault: Vault, log: Logger, stopped: () => boolean): Promise<void> {
  const { wrapped, damaged, done } = await rewrapObjectKeys(vault, { stopped });
  if (wrapped > 0 || damaged > 0) {
    log.log(damaged > 0 ? 'warn' : 'info', 'object keys wrapped anew', { wrapped, damaged, done });
  }
}

async function openServer(
  config: Config,
  vault: Vault,
  log: Logger,
  siblings: Siblings | null,
): Promise<HttpServer> {
  const tls = await tlsOf(config);
  return new HttpServer({
    ...config['service.listen_addr'],
    tls,
    vault,
    operations: OPERATIONS,
    log,
    openapi: await readFile(OPENAPI, 'utf8'),
    servesDocs: !config['features.disable_docs'],
    consoleFiles: config['console.enable'] ? await readConsoleFiles(log) : null,
    development: config.devmode,
    secure: tls !== null || config['tls.terminated_upstream'],
    fetchIdpKeys: !config['features.disable_idp_jwks'],
    allowOrigins: config['service.allow_origins'],
    trustedProxies: config['service.trusted_proxies'],
    recordRemoteAddress: config['log.audit_remote_addr_enable'],
    rateLimits: {
      perAddress: config['service.rate_limit_per_address'],
      perClient: config['service.rate_limit_per_client'],
    },
    mostInFlight: config['service.max_in_flight'],
    longestLoopDelayMs: config['service.max_event_loop_delay_ms'],
    siblings,
    metricsToken: config['service.metrics_token'],
  });
}
