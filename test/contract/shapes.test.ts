import { contract } from '../../src/generated/contract.js';
import { compiler, problems, schema } from './schemas.js';

const ID = 'c6cd8b4b-3a0c-4f53-a4d1-0b4dd1c37d4e';

describe('an input object is exactly one of its members', () => {
  const validate = schema('InputObject');

  test.each([
    ['an id', { id: ID }],
    ['fields', { fields: { ssn: '123-12-1234', email: null } }],
    ['a ciphertext', { encrypted: { ciphertext: 'AgAB', scope: 'x' } }],
    ['an earlier item', { request_index: 0 }],
    ['one member beside nulls', { id: null, fields: {}, encrypted: null, request_index: null }],
  ])('accepts %s', (_, value) => {
    expect(problems(validate, value)).toEqual([]);
  });

  test.each([
    ['none', {}],
    ['only nulls', { id: null, fields: null }],
    ['two', { id: ID, fields: {} }],
    ['an unknown one', { id: ID, name: 'x' }],
    ['a negative position', { request_index: -1 }],
    ['a ciphertext without text', { encrypted: { scope: 'x' } }],
  ])('refuses %s', (_, value) => {
    expect(problems(validate, value)).not.toEqual([]);
  });
});

describe('definitions in requests', () => {
  const property = { name: 'ssn', data_type_name: 'SSN' };

  test('attributes the contract does not name are ignored, also the ones the vault sets', () => {
    const input = { ...property, is_builtin: 'what', creation_time: null, colour: 'red' };
    expect(problems(schema('PropertyInput'), input)).toEqual([]);
    expect(
      problems(schema('CollectionInput'), { name: 'c', type: 'DATA', properties: [input], colour: 1 }),
    ).toEqual([]);
  });

  test('a collection may have no properties', () => {
    expect(problems(schema('CollectionInput'), { name: 'c', type: 'PERSONS', properties: [] })).toEqual([]);
  });

  test('a flag must be a flag', () => {
    expect(problems(schema('PropertyInput'), { ...property, is_index: 'true' })).not.toEqual([]);
  });

  test('an answer has no attribute the contract does not name', () => {
    expect(problems(schema('Property'), { ...property, colour: 'red' })).not.toEqual([]);
  });
});

describe('answers', () => {
  test.each([
    ['Health', { status: 'pass' }],
    ['ObjectID', { id: ID }],
    [
      'ObjectFieldsPage',
      { results: [{ 'ssn.mask': '***-**-1234' }], paging: { size: 1, remaining_count: 0, cursor: '' } },
    ],
    ['DetokenizedToken', { token_id: 't', fields: { user_id: '45860945864', ssn: '***-**-1234' } }],
    [
      'HTTPError',
      { error_code: 'PV3005', message: 'm', context: { ids: ID }, error_url: 'https://docs.piiano.com/' },
    ],
    ['UserDetails', { name: 'u', api_key: { expiry: '' } }],
    [
      'TokenMetadata',
      {
        token_id: 't',
        type: 'pointer',
        scope: 'default',
        tokens: [
          {
            creation_time: '2022-12-01T10:04:42.777225Z',
            expiration_time: null,
            effective_expiration_time: null,
            object_id: ID,
            tags: [],
          },
        ],
      },
    ],
  ])('%s as clients know it is valid', (name, value) => {
    expect(problems(schema(name), value)).toEqual([]);
  });

  test.each([
    ['Paging', { size: 1, remaining_count: 0 }, 'cursor'],
    ['HTTPError', { error_code: 'PV1000', message: 'm' }, 'context'],
    ['Count', { active: 1, archived: 0 }, 'total'],
    [
      'TokenRefMetadata',
      { creation_time: '2022-12-01T10:04:42Z', effective_expiration_time: null, tags: [] },
      'expiration_time',
    ],
  ])('%s without a required member is not valid', (name, value, missing) => {
    expect(problems(schema(name), value)).toEqual([expect.stringContaining(missing)]);
  });
});

describe('parameters', () => {
  const query = (id: keyof typeof contract.operations) =>
    compiler().compile(contract.operations[id].parameters.query);

  test.each(['', '0', '3600'])('expiration_secs may be "%s"', (expiration_secs) => {
    expect(problems(query('addObject'), { expiration_secs })).toEqual([]);
  });

  test.each(['-1', '1.5', 'never'])('expiration_secs may not be "%s"', (expiration_secs) => {
    expect(problems(query('addObject'), { expiration_secs })).not.toEqual([]);
  });

  test('archived tokens cannot be detokenized, but can be searched', () => {
    expect(problems(query('detokenize'), { options: ['archived'] })).not.toEqual([]);
    expect(problems(query('searchTokens'), { options: ['archived'] })).toEqual([]);
  });

  test('a misspelt parameter is refused, not ignored', () => {
    expect(problems(query('deleteTokens'), { token_id: ['t'] })).not.toEqual([]);
  });

  test('every parameter of a kind that has many values is an array', () => {
    const { properties } = contract.operations.detokenize.parameters.query;
    for (const name of ['object_ids', 'tags', 'token_ids', 'props', 'options']) {
      expect(properties[name]).toMatchObject({ type: 'array' });
    }
    expect(contract.operations.detokenize.parameters.header.properties['x-tenant-id']).toMatchObject({
      type: 'array',
    });
  });
});
