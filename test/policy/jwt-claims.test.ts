import { parseIamConfig } from '../../src/policy/iam-config.js';
import { rolesOf } from '../../src/policy/jwt-claims.js';

/** Which roles a token of this idp asks for. */
function roles(claim: string, said: unknown): readonly string[] {
  const text = `[users]
[roles.app]
capabilities = []
policies = []
[roles.support]
capabilities = []
policies = []
[policies]
[idps.fhir]
type = "direct-jwt"
allowed_roles = ["support", "app"]
[idps.fhir.conf]
iss = "https://fhir.example"
aud = "vault"
jwks_uri = "https://fhir.example/jwks"
roles_claim = "${claim}"
[idps.fhir.roles_map]
"patient/Patient.rs" = "app"
"user/Patient.rs" = "support"
`;
  return rolesOf(parseIamConfig(text).idps.get('fhir')!, { [claim]: said });
}

test.each([
  ['scope', 'openid patient/Patient.rs', ['app']],
  ['scope', 'patient/Patient.rs user/Patient.rs', ['support', 'app']],
  ['scope', '  patient/Patient.rs  ', ['app']],
  ['scope', 'patient/Patient.rsx openid', []],
  ['scope', ' ', []],
  ['scope', ['openid', 'user/Patient.rs'], ['support']],
  ['scope', 7, []],
  ['scp', 'openid user/Patient.rs', ['support']],
  // Any other claim is one name, spaces and all.
  ['groups', 'openid user/Patient.rs', []],
  ['groups', 'user/Patient.rs', ['support']],
])('%s of %j: %j', (claim, said, expected) => {
  expect(roles(claim, said)).toEqual(expected);
});
