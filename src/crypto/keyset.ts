import { randomUUID } from 'node:crypto';
import { CiphertextKeys } from './ciphertext-keys.js';
import { Key } from './key.js';
import {
  ObjectKey,
  type ObjectState,
  type Place,
  type WrappedObjectKey,
  objectKeyAad,
  tokenKeyAad,
} from './object-key.js';
import { opening } from './opening.js';
import { tuple } from './tuple.js';

/** One version of the keyset of a collection and tenant: wraps object keys, and seals nothing itself but answers and ciphertexts for callers. */
export class KeysetVersion {
  readonly keysetId: string;
  readonly version: number;
  readonly collection: number;
  readonly tenant: string;
  readonly #key: Key;
  readonly #answers: Key;
  #ciphertexts: CiphertextKeys | undefined;

  constructor(keysetId: string, version: number, key: Key, collection: number, tenant: string) {
    this.keysetId = keysetId;
    this.version = version;
    this.collection = collection;
    this.tenant = tenant;
    this.#key = key;
    this.#answers = key.sub('coatcheck/v1/answer');
  }

  /** The sub-keys of what is encrypted for callers, derived once per version: a request may open a thousand ciphertexts. */
  get ciphertexts(): CiphertextKeys {
    return (this.#ciphertexts ??= new CiphertextKeys(this.#key));
  }

  /** A new object key, not yet stored anywhere. */
  newObjectKey(): ObjectKey {
    return new ObjectKey(Key.generate(), randomUUID());
  }

  /** Wraps the key of an object for the state it is about to have. */
  wrapObjectKey(key: ObjectKey, place: Place, state: ObjectState): WrappedObjectKey {
    return this.#wrapped(key, objectKeyAad(this.keysetId, this.version, key.id, place, state));
  }

  /** Wraps the key of a token that belongs to no object. */
  wrapTokenKey(key: ObjectKey, place: Place): WrappedObjectKey {
    return this.#wrapped(key, tokenKeyAad(this.keysetId, this.version, key.id, place));
  }

  /** The key of an object, given the state its rows say it has. Throws PV9010 where they do not belong together. */
  openObjectKey(stored: WrappedObjectKey, place: Place, state: ObjectState): ObjectKey {
    return opening(() => {
      const aad = objectKeyAad(this.keysetId, this.version, stored.keyId, place, state);
      return new ObjectKey(this.#key.unwrap(stored.wrapped, aad), stored.keyId);
    });
  }

  /** The key of an ownerless token. Throws PV9010. */
  openTokenKey(stored: WrappedObjectKey, place: Place): ObjectKey {
    return opening(() => {
      const aad = tokenKeyAad(this.keysetId, this.version, stored.keyId, place);
      return new ObjectKey(this.#key.unwrap(stored.wrapped, aad), stored.keyId);
    });
  }

  /** Seals an answer kept for a repeated request; `record` is the key it is found by. */
  sealAnswer(record: Uint8Array, answer: string): Buffer {
    return this.#answers.seal(tuple('coatcheck/v1/answer', record), Buffer.from(answer));
  }

  /** Opens an answer kept for a repeated request. Throws PV9010. */
  openAnswer(record: Uint8Array, sealed: Uint8Array): string {
    return this.#answers.open(tuple('coatcheck/v1/answer', record), sealed).toString('utf8');
  }

  /** Seals a text that the vault keeps for itself, bound to what it is for. */
  sealSecret(purpose: readonly string[], text: string): Buffer {
    return this.#secrets().seal(tuple('coatcheck/v1/secret', ...purpose), Buffer.from(text));
  }

  /** Opens what {@link sealSecret} sealed for the same purpose. Throws PV9010. */
  openSecret(purpose: readonly string[], sealed: Uint8Array): string {
    return this.#secrets()
      .open(tuple('coatcheck/v1/secret', ...purpose), sealed)
      .toString('utf8');
  }

  #secrets(): Key {
    return this.#key.sub('coatcheck/v1/secret');
  }

  #wrapped(key: ObjectKey, aad: Uint8Array): WrappedObjectKey {
    return {
      keyId: key.id,
      keysetId: this.keysetId,
      keysetVersion: this.version,
      wrapped: key.wrappedBy(this.#key, aad),
    };
  }
}
