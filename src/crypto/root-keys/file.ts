import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import { type RootKeyProvider, RootKeyError, parseRootKey } from './root-key.js';

/**
 * The root key in a file (`COATCHECK_KMS_KEY_FILE`). With `create`, which is for development only, a missing file is made
 * with a new key and mode 0600.
 */
export function fileRootKey(path: string, { create }: { create: boolean }): RootKeyProvider {
  return {
    description: `file ${path}`,
    async load() {
      if (path === '')
        throw new RootKeyError('There is no root key: set COATCHECK_KMS_KEY_FILE or COATCHECK_KMS_KEY.');
      if (create) await createOnce(path, `${randomBytes(32).toString('base64')}\n`);
      try {
        return parseRootKey(await readFile(path, 'utf8'), `The root-key file ${path}`);
      } catch (error) {
        if (error instanceof RootKeyError) throw error;
        throw new RootKeyError(`The root-key file ${path} cannot be read.`, { cause: error });
      }
    },
  };
}

/**
 * Writes a new file whole, mode 0600, unless it is there already. A link from a finished temporary file is the one way
 * in which two starts at once neither overwrite each other's nor read half of it.
 */
export async function createOnce(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    await link(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await file.close();
    await unlink(temporary);
  }
}

/** Makes a new name last: without it a power cut may forget the file, and with it all that was sealed meanwhile. */
async function syncDirectory(path: string): Promise<void> {
  // Windows has no such thing.
  if (platform() === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
