import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import net from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { createLogger, format, transports } from 'winston';
import { type Entry, decodeEntry } from '../../src/access-log/entry.js';
import { Checkpointer } from '../../src/access-log/checkpointer.js';
import { Outbound } from '../../src/outbound/outbound.js';
import { AccessLog } from '../../src/access-log/writer.js';
import { Keyring, derivedEpochs, environmentRootKey, newApiKey } from '../../src/crypto/index.js';
import type { OperationId } from '../../src/generated/contract.js';
import { HttpServer, type ServerOptions } from '../../src/http/server.js';
import type { Call } from '../../src/operations/call.js';
import type { Operation } from '../../src/operations/operation.js';
import type { Vault } from '../../src/operations/vault.js';
import { RuntimeVariables } from '../../src/operations/variables/runtime-variables.js';
import { Database } from '../../src/store/database.js';
import { insertIamVersion, replaceApiKey } from '../../src/store/iam.js';
import { keystoreTables } from '../../src/store/keystore-tables.js';
import { ADMIN_USER } from '../../src/store/metadata.js';
import { WriteBackQueue } from '../../src/store/write-back-queue.js';
import { MetadataCache } from '../../src/store/metadata-cache.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';

export const ADMIN_KEY = 'pvaultauth';
export const BASE = '/api/pvlt/1.0';

const ROOT = path.join(import.meta.dirname, '../..');
const ROOT_KEY = '07'.repeat(32);
const IAM = `
[users.reader]
role = "reader"
[users.disabled]
role = "reader"
disabled = true
[users.delegate]
role = "delegate"
[users.expired]
role = "reader"
[roles.reader]
capabilities = ["CapDataReader", "CapTokensReader"]
policies = []
[roles.delegate]
capabilities = ["*"]
policies = []
trusted_roles = ["reader"]
[policies]
`;

/** What a test changes of the server; `operations` are the ones there are. */
export interface Changes extends Partial<Omit<ServerOptions, 'vault' | 'log'>> {
  readonly forceAccessReason?: boolean;
}

/** A server over real HTTP with a database of its own, and what a test looks at. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly server: HttpServer;
  readonly vault: Vault;
  readonly database: TestDatabase;
  /** Keys of the users reader, disabled, delegate and expired. */
  readonly keys: Readonly<Record<string, string>>;
  readonly lines: Record<string, unknown>[];
  /** A request as the Admin unless `headers` says otherwise; `path` may leave the base out. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** All entries of the access log. */
  entries(): Promise<Entry[]>;
  /** The line of the operator's log about a request, once it is there. */
  lineOf(requestId: string | null): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** An operation that records, keeps the call it was given, and answers. */
export function answering(
  id: OperationId,
  answer: unknown,
  calls: Call[] = [],
): { readonly [Id in OperationId]?: Operation<Id> } {
  const operation: Operation = {
    id,
    async run(call) {
      calls.push(call);
      await call.record({ outcome: 'allowed' });
      return answer;
    },
  };
  return { [id]: operation };
}

/** A vault on a database of its own, for servers that come and go. */
export interface TestVault {
  readonly vault: Vault;
  readonly keys: Record<string, string>;
  readonly database: TestDatabase;
  close(): Promise<void>;
}

/** Opens a vault with an Admin and four users. */
export async function openTestVault(forceAccessReason = false): Promise<TestVault> {
  const database = await cloneDatabase();
  const { vault, keys } = await openVault(database.url, forceAccessReason);
  return {
    vault,
    keys,
    database,
    async close() {
      await vault.metadata.close();
      await vault.database.close();
      await database.drop();
    },
  };
}

/** Starts a server in production mode, on a vault of its own unless one is given. */
export async function startServer(changes: Changes = {}, shared?: TestVault): Promise<TestServer> {
  const opened = shared ?? (await openTestVault(changes.forceAccessReason));
  const { vault, keys, database } = opened;
  const { log, lines } = memoryLog();
  const server = new HttpServer({
    vault,
    log,
    operations: {},
    openapi: readFileSync(path.join(ROOT, 'openapi.yaml'), 'utf8'),
    servesDocs: true,
    consoleFiles: null,
    development: false,
    secure: false,
    fetchIdpKeys: true,
    allowOrigins: [],
    trustedProxies: 0,
    recordRemoteAddress: false,
    rateLimits: { perAddress: 100_000, perClient: 60_000 },
    mostInFlight: 100,
    siblings: null,
    longestLoopDelayMs: 0,
    metricsToken: null,
    host: '127.0.0.1',
    port: 0,
    tls: null,
    ...changes,
  });
  const closeVault = async (): Promise<void> => {
    if (!shared) await opened.close();
  };
  const url = await server.listen().catch(async (error: unknown) => {
    await closeVault();
    throw error;
  });

  const full = (where: string): string => url + (where.startsWith('/api/') ? where : BASE + where);
  return {
    url,
    port: Number(new URL(url).port),
    server,
    vault,
    database,
    keys,
    lines,
    request: (where, init) =>
      fetch(full(where), { ...init, headers: { ...bearer(ADMIN_KEY), ...(init?.headers as object) } }),
    entries: () => readEntries(database.url),
    lineOf: (requestId) =>
      until(() => lines.find((line) => line.request_id === requestId && 'duration' in line)),
    async close() {
      await server.close();
      await closeVault();
    },
  };
}

/** The header that shows a key. */
export function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

/** What a request with JSON needs. */
export function json(body: unknown, more: RequestInit = {}): RequestInit {
  return {
    method: 'POST',
    ...more,
    headers: { 'content-type': 'application/json', ...(more.headers as object) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** Status, code and context of an error answer. */
export async function errorOf(response: Response): Promise<unknown> {
  const { error_code, context } = (await response.json()) as Record<string, unknown>;
  return { status: response.status, error_code, context };
}

/** Sends exactly these bytes on a connection of their own and resolves with everything that comes back until it is closed. */
export function raw(port: number, ...parts: (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
    for (const part of parts) socket.write(part);
  });
}

/** Waits until something is there. */
export async function until<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function openVault(
  url: string,
  forceAccessReason: boolean,
): Promise<{ vault: Vault; keys: Record<string, string> }> {
  const database = new Database({
    url,
    poolSize: 4,
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 500,
    onConnectionError: () => undefined,
  });
  const root = await environmentRootKey(ROOT_KEY).load();
  const keyring = await Keyring.unlock(keystoreTables(database), derivedEpochs(root));
  const metadata = new MetadataCache(database, keyring, url, () => undefined);

  const now = new Date();
  await insertIamVersion(database, keyring, { after: 0, toml: IAM, setBy: ADMIN_USER, now }, []);
  const { version: lookupVersion } = keyring.lookup;
  const store = async (user: string, key: string, publicId: string | null, expiresAt: Date | null) =>
    replaceApiKey(
      database,
      keyring,
      { user, publicId, hash: keyring.lookup.apiKeyHash(key), lookupVersion, expiresAt },
      now,
    );
  await store(ADMIN_USER, ADMIN_KEY, null, null);
  const keys: Record<string, string> = {};
  for (const user of ['reader', 'disabled', 'delegate', 'expired']) {
    const { key, publicId } = newApiKey();
    await store(user, key, publicId, user === 'expired' ? now : new Date(now.getTime() + 3_600_000));
    keys[user] = key;
  }

  const vault: Vault = {
    id: '1',
    version: '0.0.0',
    schemaVersion: 1,
    settings: {
      types: { maxStringLength: 2_048, maxBlobLength: 4_096, checkLuhn: true },
      adminMayReadData: true,
      forceAccessReason,
      defaultPageSize: 100,
      maxPageSize: 1_000,
      maxCount: 10_000,
      scanLimit: 10_000,
      maxTokenTags: 10,
      expiration: { tokens: null, ownedObjects: null, objects: null },
      garbage: { retentionSeconds: 0, batchSize: 1 },
      license: { key: null, masked: false },
      httpCallRole: '',
    },
    database,
    keyring,
    exportRoot: null,
    metadata,
    log: new AccessLog(database),
    checkpoints: new Checkpointer(database, keyring, 'log.test'),
    alarms: { problems: [] },
    witnesses: [],
    variables: new RuntimeVariables(database, { log_level: 'info', trace_sql: false }, () => undefined),
    configuration: {} as never,
    rootKey: { type: 'LOCAL', answers: async () => true },
    sandbox: null,
    writeBack: new WriteBackQueue(database),
    outbound: new Outbound([], []),
  };
  return { vault, keys };
}

function memoryLog() {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const log = createLogger({ format: format.json(), transports: [new transports.Stream({ stream })] });
  return { log, lines };
}

async function readEntries(url: string): Promise<Entry[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ bytes: Buffer }>('select bytes from access_log order by index');
    return rows.map(({ bytes }) => decodeEntry(bytes));
  } finally {
    await client.end();
  }
}
