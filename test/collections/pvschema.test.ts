import fc from 'fast-check';
import { defineCollection } from '../../src/collections/define.js';
import { parsePVSchema, parsePVSchemaCollection } from '../../src/collections/pvschema/parse.js';
import { printPVSchema } from '../../src/collections/pvschema/print.js';
import { VaultError } from '../../src/errors.js';
import { OPTIONS, refused } from './arbitraries.js';

describe('reading', () => {
  test('a published sample, trailing comma and all', () => {
    const text = `customers PERSONS ( ssn SSN UNIQUE COMMENT 'Social security number', email EMAIL, phone_number PHONE_NUMBER NULL, zip_code_us ZIP_CODE_US NULL, );`;
    expect(parsePVSchema(text)).toEqual([
      {
        name: 'customers',
        type: 'PERSONS',
        properties: [
          { name: 'ssn', data_type_name: 'SSN', is_unique: true, description: 'Social security number' },
          { name: 'email', data_type_name: 'EMAIL' },
          { name: 'phone_number', data_type_name: 'PHONE_NUMBER', is_nullable: true },
          { name: 'zip_code_us', data_type_name: 'ZIP_CODE_US', is_nullable: true },
        ],
      },
    ]);
  });

  test.each([
    ['', []],
    [' \n\t\r\n', []],
    ['a DATA()', [['a', 0]]],
    ['a DATA ( );', [['a', 0]]],
    ['a DATA (b SSN)', [['a', 1]]],
    ['a DATA (b SSN,)', [['a', 1]]],
    [
      'a DATA (b SSN)c PERSONS(d SSN, e SSN);',
      [
        ['a', 1],
        ['c', 2],
      ],
    ],
    [
      'a DATA (b SSN);\n\nc PERSONS (\n);\n',
      [
        ['a', 1],
        ['c', 0],
      ],
    ],
    ['PERSONS PERSONS (NOT SSN NOT NULL, COMMENT SSN)', [['PERSONS', 2]]],
  ])('%j', (text, expected) => {
    expect(parsePVSchema(text).map((c) => [c.name, c.properties.length])).toEqual(expected);
  });

  test.each([
    ['UNIQUE', { is_unique: true }],
    ['INDEX', { is_index: true }],
    ['SUBSTRING_INDEX', { is_substring_index: true }],
    ['ENCRYPTED', { is_encrypted: true }],
    ['NULL', { is_nullable: true }],
    ['BUILTIN READONLY', { is_builtin: true, is_readonly: true }],
    ['NOT UNIQUE NOT INDEX', { is_unique: false, is_index: false }],
    ['NOT ENCRYPTED NOT NULL', { is_encrypted: false, is_nullable: false }],
    [
      'NOT SUBSTRING_INDEX NOT BUILTIN NOT READONLY',
      { is_substring_index: false, is_builtin: false, is_readonly: false },
    ],
    ['NULL UNIQUE', { is_nullable: true, is_unique: true }],
    [`COMMENT 'x'`, { description: 'x' }],
    [`COMMENT "x"`, { description: 'x' }],
    [`COMMENT ''`, { description: '' }],
    [`COMMENT 'it''s'`, { description: "it's" }],
    [`COMMENT ''''`, { description: "'" }],
    [`COMMENT "it's ""so"""`, { description: `it's "so"` }],
    [`COMMENT 'a "quote", a ) and a ;'`, { description: 'a "quote", a ) and a ;' }],
    [`COMMENT 'two\nlines\\n'`, { description: 'two\nlines\\n' }],
  ])('attributes %s', (attributes, expected) => {
    const [collection] = parsePVSchema(`a DATA (b SSN ${attributes}, c SSN)`);
    expect(collection?.properties[0]).toEqual({ name: 'b', data_type_name: 'SSN', ...expected });
  });

  test('one collection where one is wanted', () => {
    expect(parsePVSchemaCollection('a DATA ();').name).toBe('a');
    expect(refused(() => parsePVSchemaCollection(''))).toMatchObject({
      code: 'PV9004',
      line: '1',
      column: '1',
    });
    expect(refused(() => parsePVSchemaCollection('a DATA ();\nb DATA ();'))).toMatchObject({
      line: '2',
      column: '1',
    });
  });

  test('built-in lines as they are printed are dropped when defining', () => {
    const users = defineCollection({ name: 'users', type: 'PERSONS', properties: [] }, OPTIONS);
    const text = printPVSchema(users, { showBuiltins: true });
    expect(defineCollection(parsePVSchemaCollection(text), OPTIONS)).toEqual(users);
  });
});

describe('an error says where', () => {
  test.each([
    ['a', 1, 2],
    ['a THINGS ()', 1, 3],
    ['a "PERSONS" ()', 1, 3],
    ['a DATA', 1, 7],
    ['a DATA (', 1, 9],
    ['a DATA (,)', 1, 9],
    ['a DATA (b SSN,,)', 1, 15],
    ['a DATA (b)', 1, 10],
    ['a DATA (b SSN c)', 1, 15],
    ['a DATA (b SSN NOT)', 1, 18],
    ['a DATA (b SSN NOT NOT NULL)', 1, 19],
    ['a DATA (b SSN UNIQUE UNIQUE)', 1, 22],
    ['a DATA (b SSN NULL NOT NULL)', 1, 24],
    ['a DATA (b SSN unique)', 1, 15],
    ['a DATA (b SSN COMMENT)', 1, 22],
    [`a DATA (b SSN COMMENT 'x' UNIQUE)`, 1, 27],
    [`a DATA (b SSN COMMENT 'x' 'y')`, 1, 27],
    [`a DATA (\n  b SSN COMMENT 'x`, 2, 17],
    ['a DATA (\r\n  b SSN,\r\n  c EMAIL[]\r\n)', 3, 10],
    ['a DATA ();;', 1, 11],
    ['a DATA () )', 1, 11],
    ['a-b DATA ()', 1, 2],
    ["'a' DATA ()", 1, 1],
    ['\u{1F600}', 1, 1],
  ])('%j', (text, line, column) => {
    const error = refused(() => parsePVSchema(text));
    expect(error).toMatchObject({ code: 'PV9004', line: String(line), column: String(column) });
  });

  test('and does not quote the text', () => {
    for (const text of [
      "a DATA (b SSN COMMENT 'canary' oops)",
      "a DATA (b SSN COMMENT 'canary",
      'canary canary',
    ]) {
      try {
        parsePVSchema(text);
      } catch (error) {
        expect(error).toBeInstanceOf(VaultError);
        expect(JSON.stringify([(error as VaultError).context, (error as VaultError).message])).not.toContain(
          'canary',
        );
      }
    }
    expect.assertions(6);
  });
});

describe('hostile text', () => {
  const words = [
    'a',
    'DATA',
    'PERSONS',
    '(',
    ')',
    ',',
    ';',
    'NOT',
    'NULL',
    'COMMENT',
    "'",
    '"',
    "''",
    '\n',
    '_',
    '\0',
    'é',
    ' ',
  ];

  test('is read or refused, and nothing else', () => {
    const pieces = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((list) => list.join(' '));
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string({ unit: 'binary' })), (text) => {
        try {
          parsePVSchema(text);
        } catch (error) {
          expect(error).toBeInstanceOf(VaultError);
          expect((error as VaultError).code).toBe('PV9004');
        }
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    "'",
    "''",
    "a DATA (b SSN COMMENT '' ",
    '(',
    ' ',
    'a',
    'a DATA(',
    ', ',
    "a DATA(b SSN COMMENT ''''''''",
    '\n',
  ])('takes time in proportion to its length: %j repeated', (piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const start = performance.now();
    try {
      parsePVSchema(text);
    } catch (error) {
      expect(error).toBeInstanceOf(VaultError);
    }
    // A megabyte takes well under a second; anything quadratic takes hours.
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
