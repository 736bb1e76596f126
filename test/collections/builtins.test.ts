import { builtinNamed, builtinProperties, isBuiltinName } from '../../src/collections/builtins.js';
import { NOW } from './arbitraries.js';

test('the built-in properties are those of api.md section 3', () => {
  const table = builtinProperties(NOW).map((p) => [
    p.name,
    p.dataTypeName,
    ...[
      p.isUnique && 'UNIQUE',
      p.isIndex && 'INDEX',
      p.isNullable && 'NULL',
      p.isReadonly && 'READONLY',
    ].filter(Boolean),
  ]);
  expect(table).toEqual([
    ['id', 'OBJECT_ID', 'UNIQUE', 'INDEX', 'READONLY'],
    ['_owner_id', 'OBJECT_ID', 'NULL'],
    ['_owner_collection', 'STRING', 'NULL'],
    ['_tenant_id', 'TENANT_ID', 'NULL'],
    ['_creation_time', 'TIMESTAMP', 'READONLY'],
    ['_modification_time', 'TIMESTAMP', 'READONLY'],
    ['_expiration_time', 'TIMESTAMP', 'READONLY'],
  ]);
  expect(builtinProperties(NOW).every((p) => p.isBuiltin && !p.isEncrypted && !p.isSubstringIndex)).toBe(
    true,
  );
});

test('a built-in property is known by its exact name only', () => {
  expect(isBuiltinName('_owner_id')).toBe(true);
  expect(builtinNamed('id')).toMatchObject({ dataTypeName: 'OBJECT_ID' });
  for (const name of ['ID', '_id', 'constructor', '']) {
    expect(isBuiltinName(name)).toBe(false);
    expect(builtinNamed(name)).toBeUndefined();
  }
});
