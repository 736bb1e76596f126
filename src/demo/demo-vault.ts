import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Logger } from 'winston';
import { type App, startApp } from '../app.js';
import { type Config, readConfig } from '../config.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../store/embedded/index.js';

/** The product's own vault with a PostgreSQL of its own, in a temporary directory that goes away with it. */
export class DemoVault {
  readonly config: Config;
  readonly log: Logger;
  readonly #app: App;
  readonly #postgres: EmbeddedPostgres;
  readonly #directory: string;
  #stopped: Promise<void> | undefined;

  private constructor(config: Config, log: Logger, app: App, postgres: EmbeddedPostgres, directory: string) {
    this.config = config;
    this.log = log;
    this.#app = app;
    this.#postgres = postgres;
    this.#directory = directory;
  }

  /** Starts it on a free port of this machine. The settings are the demo's, whatever the environment says. */
  static async start(log: Logger): Promise<DemoVault> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'coatcheck-demo-'));
    let postgres: EmbeddedPostgres | undefined;
    try {
      const dataDir = path.join(directory, 'data');
      const config = readConfig({
        COATCHECK_DEVMODE: 'true',
        // The story is told on the terminal; the vault says what goes wrong and nothing else.
        COATCHECK_LOG_LEVEL: 'error',
        COATCHECK_DATA_DIR: dataDir,
        COATCHECK_SERVICE_LISTEN_ADDR: '127.0.0.1:0',
      });
      postgres = await startEmbeddedPostgres({ dataDir });
      const app = await startApp(config, postgres.url, log);
      return new DemoVault(config, log, app, postgres, directory);
    } catch (error) {
      await postgres?.stop();
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  get url(): string {
    return this.#app.url;
  }

  /** Of the database's superuser. */
  get databaseUrl(): string {
    return this.#postgres.url;
  }

  get directory(): string {
    return this.#directory;
  }

  /** Stops the vault; its database goes on. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#app.close());
  }

  /** Stops everything and leaves nothing behind. */
  async remove(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await this.#postgres.stop();
      await rm(this.#directory, { recursive: true, force: true });
    }
  }
}
