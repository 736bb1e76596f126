import { randomUUID } from 'node:crypto';
import { VaultError } from '../errors.js';
import { Key, WRAPPED_BYTES } from './key.js';
import type { RootKeyProvider } from './root-keys/root-key.js';
import { tuple, uuidBytes } from './tuple.js';

const FORMAT = 1;
const UUID_BYTES = 16;
const FINGERPRINT_BYTES = 32;

/** Where an exported value belongs, by the names that another vault knows too. */
export interface ExportPlace {
  readonly collection: string;
  readonly object: string;
  readonly property: string;
}

/** Where an exported value of a token belongs. */
export interface ExportTokenPlace {
  readonly collection: string;
  /** The token's id, as its callers know it. */
  readonly token: string;
  /** The object that the token belongs to. */
  readonly owner: string | null;
  readonly property: string;
}

/** An export key as the vault keeps it. */
export interface StoredExportKey {
  readonly keyId: string;
  readonly wrapped: Buffer;
}

/** Seals values that leave the vault and opens those of others (docs/FORMAT.md section 12). */
export class ExportKey {
  /** The key as it travels: wrapped, of no use without the export root key. */
  readonly text: string;
  readonly #id: string;
  readonly #values: Key;

  constructor(key: Key, { keyId, wrapped }: StoredExportKey) {
    this.text = Buffer.concat([Buffer.of(FORMAT), uuidBytes(keyId), wrapped]).toString('base64url');
    this.#id = keyId;
    this.#values = key.sub('coatcheck/v1/export-value');
  }

  /** Seals a value, given as the compact JSON of its normal form. */
  seal(place: ExportPlace | ExportTokenPlace, text: string): string {
    const sealed = this.#values.seal(this.#aad(place), Buffer.from(text));
    return Buffer.concat([Buffer.of(FORMAT), sealed]).toString('base64url');
  }

  /** The JSON text of a value sealed for this place. Throws PV9032, whatever is wrong. */
  open(place: ExportPlace | ExportTokenPlace, exported: string): string {
    const bytes = strictBytes(exported);
    if (bytes?.[0] !== FORMAT) throw new VaultError('PV9032', { property: place.property });
    try {
      return this.#values.open(this.#aad(place), bytes.subarray(1)).toString('utf8');
    } catch {
      throw new VaultError('PV9032', { property: place.property });
    }
  }

  #aad(place: ExportPlace | ExportTokenPlace): Buffer {
    const { collection, property } = place;
    const key = uuidBytes(this.#id);
    if ('object' in place)
      return tuple('coatcheck/v1/export-value', key, collection, uuidBytes(place.object), property);
    const owner = place.owner === null ? '' : uuidBytes(place.owner);
    return tuple('coatcheck/v1/export-token-value', key, collection, place.token, owner, property);
  }
}

/** The key above export keys, which the vaults that exchange objects share; never the root key of either. */
export class ExportRoot {
  /** What the database recognises it by. */
  readonly fingerprint: Buffer;
  readonly #root: Key;

  private constructor(root: Key) {
    this.#root = root;
    this.fingerprint = root
      .sub('coatcheck/v1/export-root')
      .mac(Buffer.from('fingerprint'), FINGERPRINT_BYTES);
  }

  /** Throws RootKeyError. */
  static async load(provider: RootKeyProvider): Promise<ExportRoot> {
    return new ExportRoot(await provider.load());
  }

  /** A new export key, not yet stored anywhere. */
  newKey(): StoredExportKey {
    const keyId = randomUUID();
    return { keyId, wrapped: this.#root.wrap(Key.generate(), aadOf(keyId)) };
  }

  /** An export key that the vault kept. Throws PV9010. */
  open(stored: StoredExportKey): ExportKey {
    return new ExportKey(this.#root.unwrap(stored.wrapped, aadOf(stored.keyId)), stored);
  }

  /** The export key in a text that some vault's {@link ExportKey.text} was. Throws PV9033, whatever is wrong. */
  read(text: string): ExportKey {
    const bytes = strictBytes(text);
    if (bytes?.length !== 1 + UUID_BYTES + WRAPPED_BYTES || bytes[0] !== FORMAT) throw cannotOpen();
    const keyId = bytes.subarray(1, 1 + UUID_BYTES).toString('hex');
    try {
      return this.open({ keyId, wrapped: bytes.subarray(1 + UUID_BYTES) });
    } catch {
      throw cannotOpen();
    }
  }
}

function aadOf(keyId: string): Buffer {
  return tuple('coatcheck/v1/export-key', uuidBytes(keyId));
}

/** The bytes of a base64url text, undefined for any other spelling of them. */
function strictBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

function cannotOpen(): VaultError {
  return new VaultError('PV9033', { field: 'export_key' });
}
