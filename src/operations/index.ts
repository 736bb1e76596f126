import { controlHealth } from './system/control-health.js';
import { dataHealth } from './system/data-health.js';
import { garbageCollection } from './system/garbage-collection.js';
import { getClusterInfo } from './system/get-cluster-info.js';
import { getConfiguration } from './system/get-configuration.js';
import { getKms } from './system/get-kms.js';
import { getLicense } from './system/get-license.js';
import { getVaultVersion } from './system/get-vault-version.js';
import { rotateKeys } from './system/rotate-keys.js';
import { setLicense } from './system/set-license.js';
import { triggerError } from './system/trigger-error.js';
import { clearAllConfVars } from './variables/clear-all-conf-vars.js';
import { getConfVar } from './variables/get-conf-var.js';
import { setConfVar } from './variables/set-conf-var.js';
import { getIamConf } from './iam/get-iam-conf.js';
import { getUser } from './iam/get-user.js';
import { regenerateUserApiKey } from './iam/regenerate-user-api-key.js';
import { setAdminApiKey } from './iam/set-admin-api-key.js';
import { setIamConf } from './iam/set-iam-conf.js';
import { updateApiKeyExpiration } from './iam/update-api-key-expiration.js';
import { addCollection } from './collections/add-collection.js';
import { deleteCollection } from './collections/delete-collection.js';
import { getCollection } from './collections/get-collection.js';
import { listCollections } from './collections/list-collections.js';
import { updateCollection } from './collections/update-collection.js';
import { addCollectionProperty } from './properties/add-collection-property.js';
import { deleteCollectionProperty } from './properties/delete-collection-property.js';
import { getCollectionProperty } from './properties/get-collection-property.js';
import { listCollectionProperties } from './properties/list-collection-properties.js';
import { updateCollectionProperty } from './properties/update-collection-property.js';
import { getDataType } from './data-types/get-data-type.js';
import { listDataTypes } from './data-types/list-data-types.js';
import { addObject } from './objects/add-object.js';
import { deleteObjectById } from './objects/delete-object-by-id.js';
import { getObjectById } from './objects/get-object-by-id.js';
import { getObjectsCount } from './objects/get-objects-count.js';
import { listObjects } from './objects/list-objects.js';
import { searchObjects } from './objects/search-objects.js';
import { updateObjectById } from './objects/update-object-by-id.js';
import { decrypt } from './crypto/decrypt.js';
import { decryptBlob } from './crypto/decrypt-blob.js';
import { encrypt } from './crypto/encrypt.js';
import { encryptBlob } from './crypto/encrypt-blob.js';
import { updateEncrypted } from './crypto/update-encrypted.js';
import { deleteTokens } from './tokens/delete-tokens.js';
import { detokenize } from './tokens/detokenize.js';
import { getTokensCount } from './tokens/get-tokens-count.js';
import { rotateTokens } from './tokens/rotate-tokens.js';
import { searchTokens } from './tokens/search-tokens.js';
import { tokenize } from './tokens/tokenize.js';
import { updateTokens } from './tokens/update-tokens.js';
import { getAuditStatus } from './audit/get-audit-status.js';
import { getCheckpoint } from './audit/get-checkpoint.js';
import { getConsistencyProof } from './audit/get-consistency-proof.js';
import { getInclusionProof } from './audit/get-inclusion-proof.js';
import { listAuditEntries } from './audit/list-audit-entries.js';
import { listLogKeys } from './audit/list-log-keys.js';
import { rotateLogKey } from './audit/rotate-log-key.js';
import { receiveIdpEvent } from './idp/receive-idp-event.js';
import type { OperationId } from '../generated/contract.js';
import type { Operation } from './operation.js';

/** Every operation there is, by its id in the contract. Adding one is its file and a line here; the others answer 501. */
export const OPERATIONS = {
  controlHealth,
  dataHealth,
  garbageCollection,
  getClusterInfo,
  getConfiguration,
  getKms,
  getLicense,
  getVaultVersion,
  rotateKeys,
  setLicense,
  triggerError,
  clearAllConfVars,
  getConfVar,
  setConfVar,
  getIamConf,
  getUser,
  regenerateUserApiKey,
  setAdminApiKey,
  setIamConf,
  updateApiKeyExpiration,
  addCollection,
  deleteCollection,
  getCollection,
  listCollections,
  updateCollection,
  addCollectionProperty,
  deleteCollectionProperty,
  getCollectionProperty,
  listCollectionProperties,
  updateCollectionProperty,
  getDataType,
  listDataTypes,
  addObject,
  deleteObjectById,
  getObjectById,
  getObjectsCount,
  listObjects,
  searchObjects,
  updateObjectById,
  decrypt,
  decryptBlob,
  encrypt,
  encryptBlob,
  updateEncrypted,
  deleteTokens,
  detokenize,
  getTokensCount,
  rotateTokens,
  searchTokens,
  tokenize,
  updateTokens,
  getAuditStatus,
  getCheckpoint,
  getConsistencyProof,
  getInclusionProof,
  listAuditEntries,
  listLogKeys,
  rotateLogKey,
  receiveIdpEvent,
} satisfies { readonly [Id in OperationId]?: Operation<Id> };
