import { VaultError } from '../../src/errors.js';
import { checkMasks } from '../../src/policy/check-masks.js';
import { parseIamConfig } from '../../src/policy/iam-config.js';
import { factsOf } from './worlds.js';

const collections = new Map(['users', 'user'].map((name) => [name, factsOf(name)]));

const withMask = (key: string, value: string): string => `
[users]
[roles.first]
[roles.support]
masks = { "users/email" = "mask", "${key}" = "${value}" }
[policies]
`;

function check(key: string, value: string, inForce = '[users]\n[roles]\n[policies]\n'): void {
  checkMasks(parseIamConfig(withMask(key, value)), parseIamConfig(inForce), collections);
}

describe('checkMasks', () => {
  it.each([
    ['users/ssn', 'mask'],
    ['users/ssn', 'tail'],
    ['users/_tenant_id', 'mask'],
  ])('accepts %s through %s', (key, value) => {
    expect(() => check(key, value)).not.toThrow();
  });

  it.each([
    ['patients/ssn', 'mask', 'A masked collection does not exist.'],
    ['Users/ssn', 'mask', 'A masked collection does not exist.'],
    ['users/snn', 'mask', 'A masked property does not exist.'],
    ['users/constructor', 'mask', 'A masked property does not exist.'],
    ['user/ssn', 'tail', 'A masked property does not have this transformation.'],
    ['users/ssn', 'toString', 'A masked property does not have this transformation.'],
  ])('refuses %s through %s', (key, value, reason) => {
    try {
      check(key, value);
    } catch (error) {
      expect(error).toBeInstanceOf(VaultError);
      expect(error).toMatchObject({ code: 'PV9011', context: { path: 'roles.support.masks', reason } });
      return;
    }
    throw new Error('It was accepted.');
  });

  it('accepts what is in force for the same role, though its property is gone', () => {
    const inForce = withMask('users/gone', 'mask');
    expect(() => check('users/gone', 'mask', inForce)).not.toThrow();
    expect(() => check('users/gone', 'tail', inForce)).toThrow(VaultError);
    expect(() => check('users/gome', 'mask', inForce)).toThrow(VaultError);
    const other = inForce.replace('roles.support', 'roles.billing');
    expect(() => check('users/gone', 'mask', other)).toThrow(VaultError);
  });
});
