import {
  matchesResource,
  parseResource,
  reachesCollection,
  type Resource,
} from '../../src/policy/resources.js';

const ssn: Resource = { kind: 'property', collection: 'users', property: 'ssn', typeName: 'SSN' };
const ssnMask: Resource = { ...ssn, transformation: 'mask' };
const tokens: Resource = { kind: 'tokens', collection: 'users' };
const action: Resource = { kind: 'action', action: 'charge' };

function covers(text: string, resource: Resource): boolean {
  const pattern = parseResource(text);
  return pattern !== null && matchesResource(pattern, resource);
}

describe('a resource of a policy', () => {
  it.each([
    // text, ssn, ssn.mask, tokens, action
    ['*', true, true, true, true],
    ['users/properties/ssn', true, false, false, false], // ssn and ssn.mask are granted separately
    ['users/properties/ssn.mask', false, true, false, false],
    ['users/properties/*', true, true, false, false], // a star runs over the dot
    ['users/properties/*.mask', false, true, false, false],
    ['users/ssn', true, false, false, false], // the older form
    ['users/ssn.mask', false, true, false, false],
    ['*/ssn', true, false, false, false],
    ['users/types/SSN', true, false, false, false],
    ['users/types/ssn', true, false, false, false], // deployed files write types in lower case
    ['*/types/Ssn.mask', false, true, false, false],
    ['*/types/SSN.Mask', false, false, false, false], // transformations keep their case
    ['Users/properties/ssn', false, false, false, false],
    ['users/properties/SSN', false, false, false, false],
    ['user/properties/ssn', false, false, false, false],
    ['users/types/EMAIL', false, false, false, false],
    ['users/tokens', false, false, true, false],
    ['*/tokens', false, false, true, false],
    ['orders/tokens', false, false, false, false],
    ['users/properties/tokens', false, false, false, false], // a property of that name, not the tokens
    ['actions/charge', false, false, false, true],
    ['actions/*', false, false, false, true],
    ['actions/refund', false, false, false, false],
    ['*/*', true, true, false, false],
  ])('%s covers ssn: %s, ssn.mask: %s, tokens: %s, the action: %s', (text, ...expected) => {
    expect([ssn, ssnMask, tokens, action].map((resource) => covers(text, resource))).toEqual(expected);
  });

  it.each([
    '',
    '/',
    'users',
    'users/',
    '/ssn',
    'users//ssn',
    'users/properties/',
    'users/properties/ssn/mask',
    'users/properties/ssn.',
    'users/properties/.mask',
    'users/properties/ssn.mask.mask',
    'users/archived/ssn',
    'users/*/ssn',
    'users.x/properties/ssn',
    'users/properties/s?n',
    'users /properties/ssn',
    'users/properties/ssn\n',
    '**/properties/[a]',
    'actions/a.b',
  ])('%j is refused', (text) => {
    expect(parseResource(text)).toBeNull();
  });

  it.each([
    ['*', true],
    ['users/properties/none', true],
    ['u*/types/X', true],
    ['users/tokens', true],
    ['orders/ssn', false],
    ['actions/users', false],
  ])('%s reaches into users: %s', (text, expected) => {
    const pattern = parseResource(text);
    expect(pattern && reachesCollection(pattern, 'users')).toBe(expected);
  });
});
