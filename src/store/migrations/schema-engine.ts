import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

type EngineModule = typeof import('@prisma/schema-engine-wasm/schema_engine_bg');

/** Node has it; its types are only in TypeScript's browser library, which a server must not be checked against. */
declare const WebAssembly: {
  instantiate(
    code: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

const require = createRequire(import.meta.url);

/**
 * Prisma's schema engine in this process, as WebAssembly, over one connection of its own: the native engine would have to
 * be downloaded. Await `close`.
 */
export async function openSchemaEngine(
  databaseUrl: string,
): Promise<{ engine: SchemaEngine; close(): Promise<void> }> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  pool.on('error', () => undefined);
  const { SchemaEngine } = await engineModule();
  const factory = bindMigrationAwareSqlAdapterFactory(new WholeScripts(pool));
  const engine = await SchemaEngine.new({ datamodels: undefined }, () => undefined, factory);
  return {
    engine,
    async close() {
      engine.free();
      await pool.end();
    },
  };
}

/**
 * The adapter cuts a script at every semicolon, also inside a function body or a comment. Sent as one simple query
 * PostgreSQL parses it itself, and runs it in one transaction: a migration is applied whole or not at all.
 */
class WholeScripts extends PrismaPg {
  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await adapter.underlyingDriver().query(script);
    };
    return adapter;
  }
}

let loaded: Promise<EngineModule> | undefined;

/** The bindings keep one instance in a variable of their own: loading a second would pull the first from under its users. */
function engineModule(): Promise<EngineModule> {
  return (loaded ??= loadModule());
}

/** The package's own entry imports its `.wasm` as a module, which Node does not do without a flag. */
async function loadModule(): Promise<EngineModule> {
  const glue = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bindings: EngineModule = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const { instance } = await WebAssembly.instantiate(await readFile(glue.replace(/\.js$/, '.wasm')), {
    './schema_engine_bg.js': { ...bindings, ...unreferencedTimers(bindings) },
  });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return bindings;
}

/** The engine's timers, of which it forgets a ten-second one: none of them is to keep the process alive. */
function unreferencedTimers(bindings: EngineModule): Record<string, unknown> {
  const named = Object.entries(bindings).filter(([name]) => name.startsWith('__wbg_setTimeout'));
  return Object.fromEntries(
    named.map(([name, start]) => [
      name,
      (...args: unknown[]) => (start as (...args: unknown[]) => NodeJS.Timeout)(...args).unref(),
    ]),
  );
}
