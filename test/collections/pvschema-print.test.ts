import fc from 'fast-check';
import { defineCollection } from '../../src/collections/define.js';
import { parsePVSchema } from '../../src/collections/pvschema/parse.js';
import { printPVSchema, printPVSchemas } from '../../src/collections/pvschema/print.js';
import { OPTIONS, anyCollection } from './arbitraries.js';

describe('printing', () => {
  test('states only what differs from the defaults, in the canonical order', () => {
    const properties = [
      { name: 'plain', data_type_name: 'STRING' },
      {
        name: 'all',
        data_type_name: 'STRING',
        description: "it's",
        is_unique: true,
        is_index: true,
        is_substring_index: true,
        is_nullable: true,
      },
      { name: 'clear', data_type_name: 'DATE', is_encrypted: false },
    ];
    const users = defineCollection({ name: 'users', type: 'PERSONS', properties }, OPTIONS);
    const empty = defineCollection({ name: 'things', type: 'DATA', properties: [] }, OPTIONS);
    expect(printPVSchemas([users, empty])).toBe(
      [
        'users PERSONS (',
        '  plain STRING,',
        "  all STRING UNIQUE INDEX SUBSTRING_INDEX NULL COMMENT 'it''s',",
        '  clear DATE NOT ENCRYPTED',
        ');',
        'things DATA ();',
      ].join('\n'),
    );
    expect(printPVSchemas([])).toBe('');
    expect(printPVSchema(empty, { showBuiltins: true })).toContain(
      "  id OBJECT_ID UNIQUE INDEX NOT ENCRYPTED BUILTIN READONLY COMMENT 'The id of the object.',",
    );
  });

  test('reads back as the same collections', () => {
    fc.assert(
      fc.property(fc.array(anyCollection, { maxLength: 3 }), fc.boolean(), (collections, showBuiltins) => {
        const text = printPVSchemas(collections, { showBuiltins });
        const read = parsePVSchema(text).map((definition) => defineCollection(definition, OPTIONS));
        expect(read).toEqual(collections);
      }),
      { numRuns: 300 },
    );
  });
});
