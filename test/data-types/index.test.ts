import { DATA_TYPES, dataTypeNamed, type BuiltinTypeName } from '../../src/data-types/index.js';

/** The API's table: [indexable, substring-indexable]. */
const INDEXES: Record<BuiltinTypeName, [boolean, boolean]> = {
  STRING: [true, true],
  LONG_TEXT: [false, true],
  JSON: [false, false],
  INTEGER: [true, false],
  BOOLEAN: [true, false],
  DOUBLE: [true, false],
  BLOB: [false, false],
  EMAIL: [true, true],
  EMAIL_STRICT: [true, true],
  URL: [true, true],
  PHONE_NUMBER: [true, false],
  ZIP_CODE_US: [true, false],
  TIMESTAMP: [true, false],
  DATE: [true, false],
  DATE_OF_BIRTH: [true, false],
  NAME: [true, true],
  GENDER: [true, true],
  ADDRESS: [true, true],
  SSN: [true, true],
  BAN: [true, true],
  CC_NUMBER: [true, false],
  CC_HOLDER_NAME: [true, true],
  CC_EXPIRATION_STRING: [true, false],
  CC_CVV: [true, false],
  US_BANK_ROUTING: [true, true],
  US_BANK_ACCOUNT_NUMBER: [true, true],
  OBJECT_ID: [true, false],
  TENANT_ID: [true, false],
};

test.each(Object.entries(INDEXES))(
  '%s is found under its name and may be indexed as the API says',
  (name, [i, s]) => {
    const type = dataTypeNamed(name);
    expect(type).toMatchObject({ name, indexable: i, substringIndexable: s });
    expect(type?.description).toMatch(/\.$/);
  },
);

test('the list holds no other type', () => {
  expect(Object.keys(DATA_TYPES).sort()).toEqual(Object.keys(INDEXES).sort());
});

test('exactly the types with a handful of values build no blind index', () => {
  const names = Object.values(DATA_TYPES).filter((type) => 'lowEntropy' in type);
  expect(names.map((type) => type.name)).toEqual(['BOOLEAN', 'GENDER']);
});

test.each(['', 'ssn', 'NOPE', 'constructor', '__proto__', 'toString', 'FOREIGN_ID'])(
  'no type is called %j',
  (name) => {
    expect(dataTypeNamed(name)).toBeUndefined();
  },
);
