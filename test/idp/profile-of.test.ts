import type { LoginEvent } from '../../src/idp/event.js';
import type { Found, LoginPort } from '../../src/idp/login.js';
import { profileOf } from '../../src/idp/profile-of.js';
import type { Candidate } from '../../src/idp/plan-login.js';
import { ModelUser, ModelVault } from './model.js';

const PROFILE = { required: ['ssn', 'phone'], claim: 'complete' };

/** What is said where the vault has some values and stores others now. */
function said(
  { holds = [], stores = [] }: { holds?: string[]; stores?: string[] },
  {
    isConfigured = true,
    properties = ['ssn', 'phone', 'notes'],
    event = {},
    suspended = false,
  }: { isConfigured?: boolean; properties?: string[]; event?: Partial<LoginEvent>; suspended?: boolean } = {},
): unknown {
  const port: LoginPort = new ModelVault().port('ada', properties, async () => undefined, 'db');
  const found: Found = {
    ...{ state: holds.length > 0 ? 'linked' : 'new', objectId: 'id', suspended },
    held: { text: (name) => (holds.includes(name) ? 'x' : null), provenance: () => undefined },
  };
  const writes = stores.map((property): Candidate => {
    return { property, text: 'x', name: property, removable: [], removableLater: [], verified: undefined };
  });
  return profileOf(
    isConfigured ? PROFILE : undefined,
    port,
    { ...new ModelUser().event('ada'), ...event },
    found,
    writes,
  );
}
const complete = { profile: { claim: 'complete', complete: true } };
const incomplete = { profile: { claim: 'complete', complete: false } };

test.each<[string, ...Parameters<typeof said>, unknown]>([
  ['somebody of whom the vault has nothing', {}, {}, incomplete],
  ['one value of two', { holds: ['ssn'] }, {}, incomplete],
  ['one value, and one that nobody requires', { holds: ['ssn', 'notes'] }, {}, incomplete],
  ['all values', { holds: ['ssn', 'phone'] }, {}, complete],
  ['all values with this login', { stores: ['ssn', 'phone'] }, {}, complete],
  ['the last value with this login', { holds: ['ssn'], stores: ['phone'] }, {}, complete],
  ['the same value once more', { holds: ['ssn'], stores: ['ssn'] }, {}, incomplete],
  ['a property that is gone', { holds: ['ssn', 'phone'] }, { properties: ['ssn'] }, incomplete],
  ['a user who is suspended', { holds: ['ssn', 'phone'] }, { suspended: true }, {}],
  ['no access token', { holds: ['ssn', 'phone'] }, { event: { clientId: undefined } }, {}],
])('of a profile: %s', (_, values, more, expected) => {
  expect(said(values, more)).toEqual(expected);
});

test('where no profile is configured nothing is said', () => {
  expect(said({ holds: ['ssn', 'phone'] }, { isConfigured: false })).toEqual({});
});
