import { readFile } from 'node:fs/promises';
import { VaultError } from '../errors.js';
import { Key } from './key.js';
import { createOnce } from './root-keys/file.js';
import { RootKeyError } from './root-keys/root-key.js';
import { tuple, u32 } from './tuple.js';

const FILE_FORMAT = 'coatcheck-epochs-1';

/** The epoch keys, which live outside PostgreSQL so that a database backup alone opens nothing. */
export interface Epochs {
  /** Where they are, for messages. */
  readonly description: string;
  /** The key of epoch 1 for a database that has none yet; made here where it does not exist. */
  first(): Promise<Key>;
  /** The key of an epoch. Throws {@link RootKeyError} where it is not there or the root key does not open it. */
  key(epoch: number): Promise<Key>;
}

export const FIRST_EPOCH = 1;

/**
 * Epochs derived from the root key itself, for a root key that comes without any writable place beside it. Such an epoch
 * can only be destroyed together with the root key.
 */
export function derivedEpochs(root: Key): Epochs {
  const key = async (epoch: number) => root.sub('coatcheck/v1/derived-epoch', u32(epoch));
  return { description: 'derived from the root key', first: () => key(FIRST_EPOCH), key };
}

/** Epochs in a file, each wrapped by the root key. The file is made for a new database only: beside an old one it was lost. */
export function fileEpochs(root: Key, path: string): Epochs {
  const key = (epoch: number) => readEpoch(root, path, epoch);
  return {
    description: `epoch file ${path}`,
    async first() {
      await createFirst(root, path);
      return key(FIRST_EPOCH);
    },
    key,
  };
}

async function readEpoch(root: Key, path: string, epoch: number): Promise<Key> {
  const wrapped = (await readEpochFile(path))[String(epoch)];
  if (!wrapped) throw new RootKeyError(`The epoch file ${path} does not hold epoch ${epoch}.`);
  try {
    return root.unwrap(Buffer.from(wrapped, 'base64'), epochAad(epoch));
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    throw new RootKeyError(
      `Wrong root key: it does not open epoch ${epoch} in ${path}. Start with the root key the vault was created with.`,
    );
  }
}

async function createFirst(root: Key, path: string): Promise<void> {
  const wrapped = root.wrap(Key.generate(), epochAad(FIRST_EPOCH)).toString('base64');
  const text = `${JSON.stringify({ format: FILE_FORMAT, epochs: { [FIRST_EPOCH]: wrapped } }, null, 2)}\n`;
  try {
    await createOnce(path, text);
  } catch (error) {
    throw new RootKeyError(
      `The epoch file ${path} cannot be written; point kms.epoch_file (COATCHECK_KMS_EPOCH_FILE) at a writable, lasting place.`,
      { cause: error },
    );
  }
}

async function readEpochFile(path: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new RootKeyError(`The epoch file ${path} cannot be read. Without it the data cannot be opened.`, {
      cause: error,
    });
  }
  try {
    const { format, epochs } = JSON.parse(text) as { format: unknown; epochs: Record<string, string> };
    const isWhole = Object.values(epochs).every((wrapped) => typeof wrapped === 'string');
    if (format === FILE_FORMAT && isWhole) return epochs;
  } catch {
    // Not JSON at all: the same to the operator as JSON of another kind.
  }
  throw new RootKeyError(`${path} is not an epoch file.`);
}

function epochAad(epoch: number): Buffer {
  return tuple('coatcheck/v1/epoch', u32(epoch));
}
