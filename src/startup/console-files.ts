import { readFile, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'winston';
import type { ConsoleFile, ConsoleFiles } from '../http/console.js';

/** Where `npm run build` puts the console, seen from the sources and from what they are compiled to. */
const FOLDER = fileURLToPath(new URL('../../dist/console', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** A name that ends in a hash of the content. */
const HASHED = /-[0-9A-Z]{8}\.[a-z]+$/;

/** Reads the console that was built. Null, with a warning, where there is none: the vault does without. */
export async function readConsoleFiles(log: Logger): Promise<ConsoleFiles | null> {
  try {
    const names = (await readdir(FOLDER)).filter((name) => extname(name) in TYPES);
    return new Map(
      await Promise.all(names.map(async (name) => [name, await readConsoleFile(name)] as const)),
    );
  } catch {
    log.warn('there is no console to serve; npm run build makes it');
    return null;
  }
}

async function readConsoleFile(name: string): Promise<ConsoleFile> {
  return {
    contentType: TYPES[extname(name)]!,
    body: await readFile(join(FOLDER, name)),
    immutable: HASHED.test(name),
  };
}
