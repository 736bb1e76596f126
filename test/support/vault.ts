import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { type App, startApp } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { createLogger } from '../../src/logger.js';
import { checkAnswer } from './answer-contract.js';
import { type TestDatabase, cloneDatabase } from './test-postgres.js';

/** An answer, its body parsed where it is JSON. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  bytes: Buffer;
  // What an answer holds is for the test to say.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

/** What a test sends besides method and path: `json` or `raw`, a key other than the Admin's, more headers. */
export interface Sent {
  json?: unknown;
  raw?: string | Uint8Array;
  type?: string;
  key?: string | null;
  headers?: Record<string, string>;
}

/** A real vault on a free loopback port over a database of its own. */
export interface TestVault {
  url: string;
  app: App;
  database: TestDatabase;
  /** Everything it logged, as text. */
  logged(): string;
  /** One request. `path` is relative to `/api/pvlt/1.0` unless it begins with `/api/`. */
  send(method: string, path: string, sent?: Sent): Promise<Answer>;
  close(): Promise<void>;
}

export const ADMIN_KEY = 'pvaultauth';

/** Starts a vault in development mode. `env` are settings; `database` another database than a fresh one, which stays the caller's. */
export async function startVault(
  env: Record<string, string> = {},
  database?: TestDatabase,
): Promise<TestVault> {
  const own = database ? null : await cloneDatabase();
  const used = database ?? own!;
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-vault-'));
  const output = new PassThrough();
  const lines: string[] = [];
  output.on('data', (chunk: Buffer) => lines.push(chunk.toString('utf8')));

  const config = readConfig({
    COATCHECK_DEVMODE: 'true',
    COATCHECK_DATA_DIR: dataDir,
    COATCHECK_SERVICE_LISTEN_ADDR: '127.0.0.1:0',
    COATCHECK_LOG_LEVEL: 'debug',
    COATCHECK_DB_MAX_OPEN_CONNS: '8',
    // The machine that tests run on is always late.
    COATCHECK_SERVICE_MAX_EVENT_LOOP_DELAY_MS: '0',
    // One root key for all vaults of a test file, so that two of them can share a database.
    COATCHECK_KMS_KEY: ROOT_KEY,
    ...env,
  });
  const app = await startApp(config, used.url, createLogger(config['log.level'], output)).catch(
    async (error: unknown) => {
      await own?.drop();
      rmSync(dataDir, { recursive: true, force: true });
      throw error;
    },
  );

  return {
    url: app.url,
    app,
    database: used,
    logged: () => lines.join(''),
    send: (method, target, sent) => send(app.url, method, target, sent),
    async close() {
      await app.close();
      await own?.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const ROOT_KEY = randomBytes(32).toString('hex');

/** One request to a vault at `url`. Fails where the answer is not what the contract promises, errors included. */
export async function send(url: string, method: string, target: string, sent: Sent = {}): Promise<Answer> {
  const { json, raw, type, key = ADMIN_KEY, headers = {} } = sent;
  const body = json === undefined ? raw : JSON.stringify(json);
  const full = `${url}${target.startsWith('/api/') ? '' : '/api/pvlt/1.0'}${target}`;
  const response = await fetch(full, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': type ?? 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: body as string }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString('utf8');
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  const answer: Answer = {
    status: response.status,
    headers: response.headers,
    text,
    bytes,
    body: isJson ? JSON.parse(text) : undefined,
  };
  checkAnswer(method, full, answer);
  return answer;
}
