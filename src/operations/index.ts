import { controlHealth } from './system/control-health.js';
import { dataHealth } from './system/data-health.js';
import { getVaultVersion } from './system/get-vault-version.js';
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
import { deleteTokens } from './tokens/delete-tokens.js';
import { detokenize } from './tokens/detokenize.js';
import { getTokensCount } from './tokens/get-tokens-count.js';
import { rotateTokens } from './tokens/rotate-tokens.js';
import { searchTokens } from './tokens/search-tokens.js';
import { tokenize } from './tokens/tokenize.js';
import { updateTokens } from './tokens/update-tokens.js';
import { listAuditEntries } from './audit/list-audit-entries.js';
import { queryAuditEntries } from './audit/query-audit-entries.js';
import { countAuditEntries } from './audit/count-audit-entries.js';
import { replayAuditEntries } from './audit/replay-audit-entries.js';
import { eraseAuditTexts } from './audit/erase-audit-texts.js';
import { listSubjectAccesses } from './subjects/list-subject-accesses.js';
import type { OperationId } from '../generated/contract.js';
import type { Operation } from './operation.js';

/** Every operation there is, by its id in the contract. Adding one is its file and a line here; the others answer 501. */
export const OPERATIONS = {
  controlHealth,
  dataHealth,
  getVaultVersion,
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
  deleteTokens,
  detokenize,
  getTokensCount,
  rotateTokens,
  searchTokens,
  tokenize,
  updateTokens,
  listAuditEntries,
  queryAuditEntries,
  countAuditEntries,
  replayAuditEntries,
  eraseAuditTexts,
  listSubjectAccesses,
} satisfies { readonly [Id in OperationId]?: Operation<Id> };
