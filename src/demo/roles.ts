/** Who may use the demo's vault and what each may do there: an IAM configuration as an operator writes it. */
export const ROLES = `[users]
auth0     = { role = "login_action" }
support   = { role = "support" }
billing   = { role = "billing" }
marketing = { role = "marketing" }
fhir_app  = { role = "smart_on_fhir" }
auditor   = { role = "auditor" }

[roles.login_action]          # stores and tokenizes; may read nothing
capabilities = ["CapObjectsCreator", "CapObjectsUpdater", "CapTokensWriter"]
policies = ["store"]

[roles.support]               # asks for the SSN, gets ***-**-1234
capabilities = ["CapTokensDetokenizer"]
policies = ["show_user_id", "show_masked_ssn"]
masks = { "users/ssn" = "mask" }

[roles.billing]
capabilities = ["CapTokensDetokenizer"]
policies = ["show_user_id", "show_ssn"]

[roles.marketing]             # may call detokenize, but no policy allows anything
capabilities = ["CapTokensDetokenizer"]
policies = []

[roles.smart_on_fhir]
capabilities = ["CapTokensDetokenizer"]
policies = ["show_user_id"]

[roles.auditor]               # reads the access log and nothing else
capabilities = ["CapAuditReader"]
policies = []

[policies.store]
policy_type = "allow"
operations = ["write", "tokenize"]
reasons = ["AppFunctionality"]
resources = ["users/properties/*"]

[policies.show_user_id]
policy_type = "allow"
operations = ["detokenize", "read"]
reasons = ["AppFunctionality"]
resources = ["users/properties/user_id"]

[policies.show_ssn]
policy_type = "allow"
operations = ["detokenize", "read"]
reasons = ["AppFunctionality"]
resources = ["users/properties/ssn"]

[policies.show_masked_ssn]
policy_type = "allow"
operations = ["detokenize", "read"]
reasons = ["AppFunctionality"]
resources = ["users/properties/ssn.mask"]
`;

/** The users of {@link ROLES}. */
export const USERS = ['auth0', 'support', 'billing', 'marketing', 'fhir_app', 'auditor'] as const;
export type User = (typeof USERS)[number];
