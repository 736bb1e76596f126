import { contract } from '../../src/generated/contract.js';
import { misfitOf } from '../../src/http/contract-validation.js';
import { nullStripper } from '../../src/http/null-members.js';

const operations = Object.values(contract.operations);

test.each(operations.map((each) => [each.operationId, each] as const))(
  'the schemas of %s compile',
  (_, each) => {
    const query = misfitOf(each.parameters.query, {});
    expect(query === null ? [] : each.parameters.query.required).toEqual(each.parameters.query.required);
    for (const schema of Object.values(each.requestBody?.content ?? {})) {
      expect(() => misfitOf(schema, {})).not.toThrow();
      expect(() => nullStripper(schema)).not.toThrow();
    }
  },
);

test('the guards know every header that the contract names', () => {
  const headers = new Set(operations.flatMap((each) => Object.keys(each.parameters.header.properties)));
  expect([...headers].sort()).toEqual([
    'idempotency-key',
    'logto-signature-sha-256',
    'x-coatcheck-reason',
    'x-okta-verification-challenge',
    'x-pvault-request-id',
    'x-tenant-id',
    'x-trans-param',
  ]);
});

test('every content type of a body is one that can be read', () => {
  const types = new Set(operations.flatMap((each) => Object.keys(each.requestBody?.content ?? {})));
  expect([...types].sort()).toEqual([
    'application/json',
    'application/octet-stream',
    'application/pvschema',
    'application/toml',
    'application/x-www-form-urlencoded',
  ]);
});

test('operations that take an input object are the ones whose null members are removed', () => {
  const stripping = operations.filter(({ requestBody }) =>
    Object.values(requestBody?.content ?? {}).some((schema) => nullStripper(schema) !== null),
  );
  expect(stripping.map(({ operationId }) => operationId)).toEqual(
    expect.arrayContaining(['tokenize', 'updateTokens', 'encrypt', 'hashObjects']),
  );
});
