import { contract, type ContractOperation, type OperationId } from '../../src/generated/contract.js';
import { compiler, schemasOf } from './schemas.js';

const operations: ContractOperation[] = Object.values(contract.operations);
const idsOf = (list: ContractOperation[]) => list.map((operation) => operation.operationId);
const dropIn = operations.filter(({ path }) => path.startsWith('/api/pvlt/1.0/'));

const PLANNED: OperationId[] = [];

const BUILT: OperationId[] = [
  'addAction',
  'addBundle',
  'addCollection',
  'addCollectionProperty',
  'addDataType',
  'addObject',
  'addObjects',
  'clearAllConfVars',
  'controlHealth',
  'countAuditEntries',
  'dataHealth',
  'decrypt',
  'decryptBlob',
  'deleteAction',
  'deleteBundle',
  'deleteCollection',
  'deleteCollectionProperty',
  'deleteDataType',
  'deleteIdpCredential',
  'deleteIdpPasswordSecret',
  'deleteIdpSigningSecret',
  'deleteObjectById',
  'deleteObjects',
  'deleteTokens',
  'detokenize',
  'encrypt',
  'encryptBlob',
  'eraseAuditTexts',
  'exchangeSubjectToken',
  'exportAuditLog',
  'exportTokens',
  'garbageCollection',
  'getActionByName',
  'getAuditStatus',
  'getBundle',
  'getByTransactionId',
  'getCheckpoint',
  'getClusterInfo',
  'getCollection',
  'getCollectionProperty',
  'getConfVar',
  'getConfiguration',
  'getConsistencyProof',
  'getDataType',
  'getExportKey',
  'getIamConf',
  'getIdpHook',
  'getInclusionProof',
  'getKms',
  'getLicense',
  'getObjectById',
  'getObjectsCount',
  'getTokensCount',
  'getUser',
  'getVaultVersion',
  'hashObjects',
  'importIdpUsers',
  'importTokens',
  'invokeAction',
  'invokeHttpCallAction',
  'listActions',
  'listAuditEntries',
  'listBundles',
  'listCollectionProperties',
  'listCollections',
  'listDataTypes',
  'listLogKeys',
  'listObjects',
  'listSubjectAccesses',
  'queryAuditEntries',
  'receiveIdpEvent',
  'regenerateUserApiKey',
  'replayAuditEntries',
  'restoreIdpUsers',
  'rotateKeys',
  'rotateLogKey',
  'rotateTokens',
  'searchObjects',
  'searchTokens',
  'setAdminApiKey',
  'setConfVar',
  'setIamConf',
  'setIdpCredential',
  'setIdpPasswordSecret',
  'setIdpSigningSecret',
  'setLicense',
  'tokenize',
  'triggerError',
  'updateApiKeyExpiration',
  'updateBundle',
  'updateCollection',
  'updateCollectionProperty',
  'updateDataType',
  'updateEncrypted',
  'updateObjectById',
  'updateObjects',
  'updateTokens',
  'verifyIdpEndpoint',
];

describe('the operations of the contract', () => {
  test('the drop-in API has 73', () => {
    expect(dropIn).toHaveLength(73);
  });

  test('our own namespace has the access log, the view of those it is about, and the hooks of identity providers', () => {
    expect(idsOf(operations.filter((operation) => !dropIn.includes(operation))).sort()).toEqual([
      'countAuditEntries',
      'deleteIdpCredential',
      'deleteIdpPasswordSecret',
      'deleteIdpSigningSecret',
      'eraseAuditTexts',
      'exchangeSubjectToken',
      'exportAuditLog',
      'getAuditStatus',
      'getCheckpoint',
      'getConsistencyProof',
      'getIdpHook',
      'getInclusionProof',
      'importIdpUsers',
      'listAuditEntries',
      'listLogKeys',
      'listSubjectAccesses',
      'queryAuditEntries',
      'receiveIdpEvent',
      'replayAuditEntries',
      'restoreIdpUsers',
      'rotateLogKey',
      'setIdpCredential',
      'setIdpPasswordSecret',
      'setIdpSigningSecret',
      'verifyIdpEndpoint',
    ]);
  });

  test('no operation changes between built and planned unnoticed', () => {
    expect(idsOf(operations.filter(({ planned }) => planned)).sort()).toEqual(PLANNED);
    expect(idsOf(operations.filter(({ planned }) => !planned)).sort()).toEqual(BUILT);
  });

  test('only version, health and the address of a hook may be called without a key', () => {
    const open = operations.filter((operation) => operation.public);
    expect(open.map(({ operationId, auth }) => [operationId, auth]).sort()).toEqual([
      ['controlHealth', 'none'],
      ['dataHealth', 'none'],
      ['getVaultVersion', 'optional'],
      ['verifyIdpEndpoint', 'none'],
    ]);
  });

  test('every other operation needs a capability', () => {
    expect(
      operations.filter((operation) => !operation.public && operation.capabilities.length === 0),
    ).toEqual([]);
  });

  test('each method of a path is one operation', () => {
    const places = operations.map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`);
    expect(new Set(places).size).toBe(places.length);
  });

  test('every parameter in a path is declared, and no other', () => {
    for (const { path, parameters } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
      expect(Object.keys(parameters.path.properties).sort()).toEqual(named);
      expect([...parameters.path.required].sort()).toEqual(named);
    }
  });

  test('what creates takes an Idempotency-Key, and nothing else does', () => {
    const taking = operations.filter(({ parameters }) => 'idempotency-key' in parameters.header.properties);
    expect(idsOf(taking)).toEqual(idsOf(operations.filter(({ creates }) => creates)));
    expect(taking.every(({ method }) => method === 'POST')).toBe(true);
  });

  test('every data operation takes a reason, and none requires it', () => {
    const data = dropIn.filter(({ path, public: open }) => path.startsWith('/api/pvlt/1.0/data/') && !open);
    for (const { parameters } of data) {
      expect(Object.keys(parameters.query.properties)).toEqual(
        expect.arrayContaining(['reason', 'adhoc_reason', 'custom_audit', 'reload_cache']),
      );
      expect(parameters.query.required).not.toContain('reason');
    }
  });
});

describe('every schema compiles in strict mode', () => {
  const ajv = compiler();
  test.each(operations.map(({ operationId }) => operationId))('%s', (id) => {
    for (const [, schema] of schemasOf(id)) expect(() => ajv.compile(schema)).not.toThrow();
  });
});
