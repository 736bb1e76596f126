import { controlHealth } from './system/control-health.js';
import { dataHealth } from './system/data-health.js';
import { garbageCollection } from './system/garbage-collection.js';
import { getClusterInfo } from './system/get-cluster-info.js';
import { getConfiguration } from './system/get-configuration.js';
import { getKms } from './system/get-kms.js';
import { getLicense } from './system/get-license.js';
import { getExportKey } from './system/get-export-key.js';
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
import { addDataType } from './data-types/add-data-type.js';
import { deleteDataType } from './data-types/delete-data-type.js';
import { updateDataType } from './data-types/update-data-type.js';
import { addBundle } from './bundles/add-bundle.js';
import { deleteBundle } from './bundles/delete-bundle.js';
import { getBundle } from './bundles/get-bundle.js';
import { listBundles } from './bundles/list-bundles.js';
import { updateBundle } from './bundles/update-bundle.js';
import { addAction } from './actions/add-action.js';
import { deleteAction } from './actions/delete-action.js';
import { getActionByName } from './actions/get-action-by-name.js';
import { invokeAction } from './actions/invoke-action.js';
import { invokeHttpCallAction } from './actions/invoke-http-call-action.js';
import { listActions } from './actions/list-actions.js';
import { addObject } from './objects/add-object.js';
import { addObjects } from './objects/add-objects.js';
import { deleteObjectById } from './objects/delete-object-by-id.js';
import { deleteObjects } from './objects/delete-objects.js';
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
import { updateObjects } from './objects/update-objects.js';
import { hashObjects } from './crypto/hash-objects.js';
import { deleteTokens } from './tokens/delete-tokens.js';
import { detokenize } from './tokens/detokenize.js';
import { exportTokens } from './tokens/export-tokens.js';
import { getByTransactionId } from './tokens/get-by-transaction-id.js';
import { getTokensCount } from './tokens/get-tokens-count.js';
import { importTokens } from './tokens/import-tokens.js';
import { rotateTokens } from './tokens/rotate-tokens.js';
import { searchTokens } from './tokens/search-tokens.js';
import { tokenize } from './tokens/tokenize.js';
import { updateTokens } from './tokens/update-tokens.js';
import { exportAuditLog } from './audit/export-audit-log.js';
import { getAuditStatus } from './audit/get-audit-status.js';
import { getCheckpoint } from './audit/get-checkpoint.js';
import { getConsistencyProof } from './audit/get-consistency-proof.js';
import { getInclusionProof } from './audit/get-inclusion-proof.js';
import { listAuditEntries } from './audit/list-audit-entries.js';
import { listLogKeys } from './audit/list-log-keys.js';
import { rotateLogKey } from './audit/rotate-log-key.js';
import { queryAuditEntries } from './audit/query-audit-entries.js';
import { countAuditEntries } from './audit/count-audit-entries.js';
import { replayAuditEntries } from './audit/replay-audit-entries.js';
import { eraseAuditTexts } from './audit/erase-audit-texts.js';
import { listSubjectAccesses } from './subjects/list-subject-accesses.js';
import { getIdpHook } from './idp/get-idp-hook.js';
import { importIdpUsers } from './idp/import-idp-users.js';
import { restoreIdpUsers } from './idp/restore-idp-users.js';
import { deleteIdpCredential } from './idp/delete-idp-credential.js';
import { deleteIdpPasswordSecret } from './idp/delete-idp-password-secret.js';
import { deleteIdpSigningSecret } from './idp/delete-idp-signing-secret.js';
import { receiveIdpEvent } from './idp/receive-idp-event.js';
import { setIdpCredential } from './idp/set-idp-credential.js';
import { setIdpPasswordSecret } from './idp/set-idp-password-secret.js';
import { setIdpSigningSecret } from './idp/set-idp-signing-secret.js';
import { exchangeSubjectToken } from './idp/exchange-subject-token.js';
import { verifyIdpEndpoint } from './idp/verify-idp-endpoint.js';
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
  getExportKey,
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
  addDataType,
  deleteDataType,
  updateDataType,
  addBundle,
  deleteBundle,
  getBundle,
  listBundles,
  updateBundle,
  addAction,
  deleteAction,
  getActionByName,
  invokeAction,
  invokeHttpCallAction,
  listActions,
  addObject,
  addObjects,
  deleteObjectById,
  deleteObjects,
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
  updateObjects,
  hashObjects,
  deleteTokens,
  detokenize,
  exportTokens,
  getByTransactionId,
  getTokensCount,
  importTokens,
  rotateTokens,
  searchTokens,
  tokenize,
  updateTokens,
  exportAuditLog,
  getAuditStatus,
  getCheckpoint,
  getConsistencyProof,
  getInclusionProof,
  listAuditEntries,
  listLogKeys,
  rotateLogKey,
  queryAuditEntries,
  countAuditEntries,
  replayAuditEntries,
  eraseAuditTexts,
  listSubjectAccesses,
  getIdpHook,
  importIdpUsers,
  restoreIdpUsers,
  deleteIdpCredential,
  deleteIdpPasswordSecret,
  deleteIdpSigningSecret,
  receiveIdpEvent,
  setIdpCredential,
  setIdpPasswordSecret,
  setIdpSigningSecret,
  exchangeSubjectToken,
  verifyIdpEndpoint,
} satisfies { readonly [Id in OperationId]?: Operation<Id> };
