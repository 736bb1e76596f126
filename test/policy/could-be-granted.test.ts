import type { Caller } from '../../src/policy/caller.js';
import { compileIam } from '../../src/policy/compile.js';
import { couldBeGranted } from '../../src/policy/could-be-granted.js';
import { parseIamConfig } from '../../src/policy/iam-config.js';
import type { Operation } from '../../src/policy/operations.js';

const policy = (name: string, type: string, operation: string, reason: string, resource: string): string => `
[policies.${name}]
policy_type = "${type}"
operations = ["${operation}"]
reasons = ["${reason}"]
resources = ["${resource}"]
`;

const iam = compileIam(
  parseIamConfig(
    `
[users]
[roles.one]
policies = ["OneMask"]
[roles.denied]
policies = ["OneMask", "DenyAll"]
[roles.partlyDenied]
policies = ["OneMask", "DenyUsers", "DenyMarketing"]
[roles.actor]
policies = ["Actions"]
[roles.nothing]
` +
      policy('OneMask', 'allow', 'detokenize', 'Analytics', 'users/properties/ssn.mask') +
      policy('DenyAll', 'deny', '*', '*', '*') +
      policy('DenyUsers', 'deny', '*', '*', 'users/properties/ssn') +
      policy('DenyMarketing', 'deny', '*', 'Marketing', '*') +
      policy('Actions', 'allow', '*', '*', 'actions/users'),
  ),
);

const role = (name: string): Caller => ({ kind: 'role', role: name });

describe('couldBeGranted', () => {
  it.each<[Caller, Operation, string, boolean]>([
    [role('one'), 'detokenize', 'users', true], // one masked property for one reason is enough
    [role('one'), 'detokenize', 'orders', false],
    [role('one'), 'read', 'users', false],
    [role('nothing'), 'detokenize', 'users', false],
    [role('gone'), 'detokenize', 'users', false],
    [role('denied'), 'detokenize', 'users', false], // what denies everything leaves nothing
    [role('partlyDenied'), 'detokenize', 'users', true],
    [role('actor'), 'invoke', 'users', false], // an action called like the collection
    [{ kind: 'admin', mayReadData: true }, 'detokenize', 'users', true],
    [{ kind: 'admin', mayReadData: false }, 'detokenize', 'users', false],
    [{ kind: 'admin', mayReadData: false }, 'write', 'users', true],
  ])('%j, %s in %s: %s', (caller, operation, collection, expected) => {
    expect(couldBeGranted(iam, caller, operation, collection)).toBe(expected);
  });
});
