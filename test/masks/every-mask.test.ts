import fc from 'fast-check';
import type { JsonValue } from '../../src/data-types/data-type.js';
import { DATA_TYPES, type BuiltinTypeName } from '../../src/data-types/index.js';
import { maskFor, transformationsOf } from '../../src/masks/index.js';
import { acceptedBy } from '../data-types/samples.js';
import { LIMITS } from '../data-types/tables.js';
import { NOW, transformed } from './tables.js';

const BINDINGS = (Object.keys(DATA_TYPES) as BuiltinTypeName[]).flatMap((type) =>
  transformationsOf(type).map((name) => [type, name] as const),
);

/** Normal forms of a type, which is all a mask ever sees. */
function normalFormsOf(type: BuiltinTypeName): fc.Arbitrary<JsonValue> {
  return acceptedBy(type).map((value) => {
    const result = DATA_TYPES[type].normalise(value, LIMITS);
    if (!result.ok) throw new Error(result.reason);
    return result.value;
  });
}

describe.each(BINDINGS)('%s.%s', (type, name) => {
  test('never throws, always shows the same, and that is well-formed JSON', () => {
    fc.assert(
      fc.property(normalFormsOf(type), (value) => {
        const shown = transformed(`${type}.${name}`, value);
        expect(transformed(`${type}.${name}`, value)).toEqual(shown);
        const text = JSON.stringify(shown);
        expect(JSON.parse(text)).toEqual(shown);
        // JSON.stringify escapes half a surrogate pair, so a split character would show up here.
        expect(text).not.toMatch(/\\ud[89a-f]/);
      }),
    );
  });

  test('shows a value of a wrong type as stars instead of throwing or passing it on', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        if (value === null) return;
        const shown = maskFor(type, name)?.apply(value as JsonValue, { now: NOW });
        expect(shown).toBeDefined();
        expect(JSON.stringify(shown)).not.toContain('secret-canary');
      }),
      { examples: [['secret-canary'], [{ a: 'secret-canary' }], [['secret-canary']]], numRuns: 50 },
    );
  });
});

/** What each mask may leave of a text, as a pattern over the whole output: everything else is stars. */
const LEFT_OVER: [type: BuiltinTypeName, pattern: RegExp][] = [
  ['STRING', /^[* ]*$/],
  ['LONG_TEXT', /^[* ]{0,12}(\.\.\.)?$/],
  ['ADDRESS', /^[* ]{0,29}(\.\.\.)?$/],
  ['TENANT_ID', /^\*{1,8}(\.\.\.)?$/],
  ['OBJECT_ID', /^\*{8}(-\*{4}){3}-\*{12}$/],
  ['NAME', /^(\P{White_Space}?\**| )*$/u],
  ['GENDER', /^\*{10}$/],
  ['INTEGER', /^-?\*+$/],
  ['DOUBLE', /^-?\*+(\.\*+)?(e[+-]\*+)?$/],
  ['BOOLEAN', /^\*$/],
  ['BLOB', /^<BLOB>$/],
  ['PHONE_NUMBER', /^\*{3,12}\d{4}$/],
  ['ZIP_CODE_US', /^\d{3}\*\*$/],
  ['TIMESTAMP', /^\d{4}-\d\d-\d\dT\d\d:\*\*:\*\*Z$/],
  ['DATE', /^\d{4}-\*\*-\*\*$/],
  ['DATE_OF_BIRTH', /^\d{4}-\*\*-\*\*$/],
  ['SSN', /^\*{3}-\*\*-\d{4}$/],
  ['BAN', /^\*{3,}\d{2,4}$/],
  ['CC_NUMBER', /^\*{9,15}\d{4}$/],
  ['CC_EXPIRATION_STRING', /^\*\*\/\*{4}$/],
  ['CC_CVV', /^\*{3}$/],
  ['US_BANK_ROUTING', /^\*{6,9}\d{3}$/],
  ['URL', /^([a-z][a-z0-9+.-]*:(\/\/\*{4}[^/?#@:*]*)?|\/)\*{8}$/],
];

test.each(LEFT_OVER)('%s.mask shows no more than %s', (type, pattern) => {
  fc.assert(
    fc.property(normalFormsOf(type), (value) => {
      expect(transformed(`${type}.mask`, value)).toMatch(pattern);
    }),
  );
});

test.each<BuiltinTypeName>([
  'BAN',
  'US_BANK_ACCOUNT_NUMBER',
  'SSN',
  'CC_NUMBER',
  'PHONE_NUMBER',
  'US_BANK_ROUTING',
])('%s.mask ends as the value does and hides everything before', (type) => {
  fc.assert(
    fc.property(normalFormsOf(type), (value) => {
      const shown = (transformed(`${type}.mask`, value) as string).replace(/^[*-]+/, '');
      expect(Array.from(shown).length).toBeLessThanOrEqual(4);
      expect((value as string).endsWith(shown)).toBe(true);
    }),
  );
});

test('EMAIL.mask shows the domain and at most one character before it', () => {
  fc.assert(
    fc.property(normalFormsOf('EMAIL'), (value) => {
      const [local = '', domain = ''] = (transformed('EMAIL.mask', value) as string).split('@');
      expect(local).toMatch(/^.?\**$/);
      expect((value as string).endsWith(`@${domain}`)).toBe(true);
      expect(local).not.toBe((value as string).split('@')[0]);
    }),
  );
});

test('JSON.mask leaves nothing but names, stars and null', () => {
  const leaves = (value: unknown): unknown[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
  fc.assert(
    fc.property(normalFormsOf('JSON'), (value) => {
      for (const leaf of leaves(transformed('JSON.mask', value)))
        if (leaf !== null) expect(leaf).toMatch(/^[*. -]*$/);
    }),
  );
});
