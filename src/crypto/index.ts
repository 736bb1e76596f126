/** The one door of the crypto ring: what the rest of the vault may seal, open and look up with. No key leaves it. */
export { newApiKey, publicIdOf } from './api-key.js';
export {
  type Ciphertext,
  type CiphertextField,
  type CiphertextType,
  type Content,
  ciphertextOpener,
  openCiphertext,
  readCiphertext,
  sealCiphertext,
} from './ciphertext.js';
export { type Epochs, derivedEpochs, fileEpochs } from './epochs.js';
export type { SealedApiKey, SealedIamVersion } from './iam-seal.js';
export { Keyring } from './keyring.js';
export {
  type ExportKey,
  type ExportPlace,
  ExportRoot,
  type ExportTokenPlace,
  type StoredExportKey,
} from './export-key.js';
export {
  fieldOpener,
  openField,
  openTokenField,
  sealField,
  sealFields,
  sealTokenField,
  tokenFieldOpener,
} from './fields.js';
export type { KeysetVersion } from './keyset.js';
export type {
  KeyState,
  Keystore,
  StoredEpoch,
  StoredKeysetVersion,
  StoredLookupVersion,
} from './keystore.js';
export type { StoredLogKey } from './log-key.js';
export type { LinkedSubject, LookupKeys } from './lookup-keys.js';
export type { ObjectKey, ObjectState, Place, WrappedObjectKey } from './object-key.js';
export { type PackedField, decodePacked, encodePacked } from './packed.js';
export { environmentRootKey } from './root-keys/environment.js';
export { fileRootKey } from './root-keys/file.js';
export { RootKeyError, type RootKeyProvider } from './root-keys/root-key.js';
export { MOST_TRIGRAMS, makeSubstringFilter } from './substring-filter.js';
export { type TokenMeta, type TokenRow, openTokenMeta, sealTokenMeta } from './token-record.js';
export type { SigningKey } from './signing-key.js';
export { witnessKey } from './witness-key.js';
export type { TokenValues } from './token-values.js';
export type { LookupMark } from './unlock.js';
