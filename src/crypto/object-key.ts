import { Key } from './key.js';
import { type PackedField, manifestOf } from './packed.js';
import { blake2b } from './sodium.js';
import { tuple, u32, u64, uuidBytes } from './tuple.js';

/** Where a record stands; part of everything that is sealed for it. `tenant` is '' for none. */
export interface Place {
  readonly tenant: string;
  readonly collection: number;
  /** Id of the object, or of the token record where the token belongs to no object. */
  readonly record: string;
}

/** What the key row of an object vouches for besides the place (docs/FORMAT.md section 3). */
export interface ObjectState {
  readonly revision: number;
  readonly fields: readonly PackedField[];
  readonly expiresAt: Date | null;
  readonly owner: { readonly collection: number; readonly id: string } | null;
}

/** A wrapped object key as it is stored. */
export interface WrappedObjectKey {
  readonly keyId: string;
  readonly keysetId: string;
  readonly keysetVersion: number;
  readonly wrapped: Buffer;
}

/** The data key of one object or ownerless token: a handle, with its sub-keys derived on first use. */
export class ObjectKey {
  readonly id: string;
  readonly #key: Key;
  #fields: Key | undefined;
  #token: Key | undefined;

  constructor(key: Key, id: string) {
    this.#key = key;
    this.id = id;
  }

  get fields(): Key {
    return (this.#fields ??= this.#key.sub('coatcheck/v1/fields'));
  }

  get token(): Key {
    return (this.#token ??= this.#key.sub('coatcheck/v1/token'));
  }

  /** The key wrapped by `wrapping`, bound to `aad`. */
  wrappedBy(wrapping: Key, aad: Uint8Array): Buffer {
    return wrapping.wrap(this.#key, aad);
  }
}

/** Associated data of the wrap of an object's key. */
export function objectKeyAad(
  keysetId: string,
  version: number,
  keyId: string,
  place: Place,
  state: ObjectState,
): Buffer {
  return keyAad('coatcheck/v1/object-key', keysetId, version, keyId, place, state.revision, digest(state));
}

/** Associated data of the wrap of an ownerless token's key. */
export function tokenKeyAad(keysetId: string, version: number, keyId: string, place: Place): Buffer {
  return keyAad('coatcheck/v1/token-key', keysetId, version, keyId, place, 0, blake2b(Buffer.alloc(0), 32));
}

function keyAad(
  label: string,
  keysetId: string,
  version: number,
  keyId: string,
  place: Place,
  revision: number,
  state: Uint8Array,
): Buffer {
  return tuple(
    label,
    uuidBytes(keysetId),
    u32(version),
    place.tenant,
    u32(place.collection),
    uuidBytes(place.record),
    uuidBytes(keyId),
    u32(revision),
    state,
  );
}

function digest({ fields, expiresAt, owner }: ObjectState): Uint8Array {
  const encoded = tuple(
    manifestOf(fields),
    u64(expiryOf(expiresAt)),
    u32(owner?.collection ?? 0),
    owner ? uuidBytes(owner.id) : '',
  );
  return blake2b(encoded, 32);
}

/** 0 is never, so a moment at or before 1970 must not pass for it. Throws a RangeError. */
function expiryOf(expiresAt: Date | null): number {
  if (expiresAt === null) return 0;
  const at = expiresAt.getTime();
  if (!(at > 0)) throw new RangeError('an expiry is after 1970');
  return at;
}
