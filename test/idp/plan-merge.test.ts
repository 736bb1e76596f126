import fc from 'fast-check';
import type { Holdings } from '../../src/idp/plan-login.js';
import { planMerge } from '../../src/idp/plan-merge.js';

const PROPERTIES = ['ssn', 'phone', 'email', 'email_verified'];
type Values = Partial<Record<string, string>>;

const holdings = (values: Values): Holdings => ({
  text: (property) => values[property] ?? null,
  provenance: () => undefined,
});

/** What the primary has afterwards. */
function merged(primary: Values, secondary: Values): Values {
  const { taken } = planMerge(PROPERTIES, holdings(primary), holdings(secondary));
  return { ...primary, ...Object.fromEntries(taken.map(({ property, text }) => [property, text])) };
}

const values = fc.record(
  {
    ssn: fc.constantFrom('1', '2'),
    phone: fc.constantFrom('1', '2'),
    email: fc.constantFrom('a', 'b'),
    email_verified: fc.constantFrom('true', 'false'),
  },
  { requiredKeys: [] },
);

test('nothing that the primary has is replaced, and what the secondary has is taken or named', () => {
  fc.assert(
    fc.property(values, values, (primary, secondary) => {
      const { conflicts } = planMerge(PROPERTIES, holdings(primary), holdings(secondary));
      const after = merged(primary, secondary);
      for (const property of ['ssn', 'phone', 'email'] as const) {
        expect(after[property]).toBe(primary[property] ?? secondary[property]);
        const differ = primary[property] && secondary[property] && primary[property] !== secondary[property];
        expect(conflicts.includes(property)).toBe(Boolean(differ));
      }
      // Again it finds nothing more to take.
      expect(merged(after, secondary)).toEqual(after);
    }),
  );
});

test.each([
  [
    'of an address that is taken goes with it',
    { ssn: '1' },
    { email: 'a', email_verified: 'false' },
    'false',
  ],
  [
    'of the same address counts',
    { email: 'a', email_verified: 'false' },
    { email: 'a', email_verified: 'true' },
    'true',
  ],
  [
    'that is less changes nothing',
    { email: 'a', email_verified: 'true' },
    { email: 'a', email_verified: 'false' },
    'true',
  ],
  [
    'of another address says nothing of this one',
    { email: 'a' },
    { email: 'b', email_verified: 'true' },
    undefined,
  ],
  ['without an address says nothing of one', { ssn: '1' }, { email_verified: 'true' }, undefined],
])('a verification %s', (_, primary: Values, secondary: Values, after) => {
  expect(merged(primary, secondary).email_verified).toBe(after);
});
