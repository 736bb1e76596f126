import { createOnce } from './root-keys/file.js';
import { readFile } from 'node:fs/promises';
import { freshBytes } from './random.js';
import { SigningKey } from './signing-key.js';

const FORMAT = /^coatcheck-witness-1:([A-Za-z0-9+/]{43}=)\s*$/;

/**
 * The signing key of a witness, in a file of mode 0600 that is made where there is none: a line with the base64 of the seed. Throws an
 * Error with a sentence for a file that holds anything else.
 */
export async function witnessKey(path: string): Promise<SigningKey> {
  await createOnce(path, `coatcheck-witness-1:${Buffer.from(freshBytes(32)).toString('base64')}\n`);
  const seed = FORMAT.exec(await readFile(path, 'utf8'))?.[1];
  if (seed === undefined) throw new Error(`${path} is not the key of a witness.`);
  return new SigningKey(Buffer.from(seed, 'base64'));
}
