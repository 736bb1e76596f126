import type { Caller } from '../../src/policy/caller.js';
import { compileIam } from '../../src/policy/compile.js';
import { decideAction } from '../../src/policy/decide-action.js';
import { parseIamConfig } from '../../src/policy/iam-config.js';

const iam = compileIam(
  parseIamConfig(`
[users]
[roles.shop]
policies = ["Charge", "NoRefund"]
[roles.reader]
policies = ["AllData"]
[policies.Charge]
policy_type = "allow"
operations = ["invoke"]
reasons = ["AppFunctionality"]
resources = ["actions/*"]
[policies.NoRefund]
policy_type = "deny"
operations = ["*"]
reasons = ["*"]
resources = ["actions/refund"]
[policies.AllData]
policy_type = "allow"
operations = ["*"]
reasons = ["*"]
resources = ["*/properties/*", "*/tokens", "*/types/*"]
`),
);

describe('decideAction', () => {
  it.each<[Caller, 'read' | 'invoke', string, boolean, string]>([
    [{ kind: 'role', role: 'shop' }, 'invoke', 'charge', true, 'allow:Charge'],
    [{ kind: 'role', role: 'shop' }, 'read', 'charge', false, 'no-policy'],
    [{ kind: 'role', role: 'shop' }, 'invoke', 'refund', false, 'deny:NoRefund'],
    [{ kind: 'role', role: 'reader' }, 'invoke', 'charge', false, 'no-policy'], // all data is not all actions
    [{ kind: 'role', role: 'gone' }, 'invoke', 'charge', false, 'unknown-role'],
    [{ kind: 'admin', mayReadData: false }, 'read', 'charge', true, 'admin'], // a description is not data
    [{ kind: 'admin', mayReadData: false }, 'invoke', 'charge', true, 'admin'],
  ])('%j may %s %s: %s, by %s', (caller, operation, action, allowed, rule) => {
    expect(decideAction(iam, caller, 'AppFunctionality', operation, action)).toEqual({ allowed, rule });
  });
});
