import { contract } from '../../src/generated/contract.js';

/**
 * Everything in the API that may hold personal data. What is here is kept out of logs and error messages; taking a
 * line away means that a value which was kept out may now get there, so that deletion is the change under review.
 */
const PINNED = [
  '#/components/parameters/AdhocReason',
  '#/components/parameters/AuditPurpose',
  '#/components/parameters/AuditRemoteAddr',
  '#/components/parameters/AuditSubject',
  '#/components/parameters/AuditText',
  '#/components/parameters/CustomAudit',
  '#/components/parameters/TransParam',
  '#/components/schemas/ActionInput',
  '#/components/schemas/ActionResult',
  '#/components/schemas/AnyPayload',
  '#/components/schemas/AuditDelegation/properties/subject',
  '#/components/schemas/AuditEntry/properties/adhoc_reason',
  '#/components/schemas/AuditEntry/properties/bytes',
  '#/components/schemas/AuditEntry/properties/custom_audit',
  '#/components/schemas/AuditEntry/properties/remote_addr',
  '#/components/schemas/AuditEntry/properties/subject',
  '#/components/schemas/AuditEntry/properties/user',
  '#/components/schemas/AuditQuery/properties/remote_addr',
  '#/components/schemas/AuditQuery/properties/subject',
  '#/components/schemas/AuditQuery/properties/text',
  '#/components/schemas/AuditQuery/properties/token_id',
  '#/components/schemas/AuditReplayRequest/properties/remote_addr',
  '#/components/schemas/AuditReplayRequest/properties/subject',
  '#/components/schemas/AuditReplayRequest/properties/text',
  '#/components/schemas/AuditReplayRequest/properties/token_id',
  '#/components/schemas/AuditSaltedText/properties/text',
  '#/components/schemas/HTTPCallActionResult/properties/body',
  '#/components/schemas/HTTPCallActionResult/properties/headers',
  '#/components/schemas/HTTPCallRequest/properties/body',
  '#/components/schemas/HTTPCallRequest/properties/headers',
  '#/components/schemas/HTTPCallRequest/properties/url',
  '#/components/schemas/IdpEvent',
  '#/components/schemas/IdpProviderAnswer',
  '#/components/schemas/IdpRestoreUser/properties/subject',
  '#/components/schemas/InMap',
  '#/components/schemas/InclusionProof/properties/entry',
  '#/components/schemas/LikeMap',
  '#/components/schemas/MatchMap',
  '#/components/schemas/ObjectFields',
  '#/components/schemas/ObjectFieldsWithId',
  '#/components/schemas/PlainBlob',
  '#/components/schemas/SubjectAccess/properties/text',
  '#/components/schemas/TokenExchangeRequest/properties/subject_token',
];

test('personal data may be in these places and no others', () => {
  expect([...contract.pii].sort()).toEqual(PINNED);
});

test('a schema that holds values of any kind is marked', () => {
  const openMaps = Object.entries(contract.definitions.$defs)
    .filter(([, schema]) => schema.additionalProperties === true && !('properties' in schema))
    .map(([name]) => `#/components/schemas/${name}`);
  expect(PINNED).toEqual(expect.arrayContaining(openMaps));
});
