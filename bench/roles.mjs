import { COLLECTION, WIDE_COLLECTION } from './people.mjs';

/** A client that stores, reads, searches and tokenizes, one that detokenizes and sees the SSN masked, and one that only encrypts and decrypts. */
export const IAM = `
[users.app]
role = "app"
[users.support]
role = "support"
[users.crypto]
role = "crypto"

[roles.app]
capabilities = ["CapDataWriter", "CapDataReader", "CapDataSearcher", "CapTokensWriter"]
policies = ["store"]
[roles.crypto]
capabilities = ["CapCryptoEncrypter", "CapCryptoDecrypter"]
policies = ["crypt"]
[roles.support]
capabilities = ["CapTokensDetokenizer"]
policies = ["see"]
[roles.support.masks]
"${COLLECTION}/ssn" = "mask"

[policies.store]
policy_type = "allow"
operations = ["read", "write", "search", "tokenize"]
reasons = ["*"]
resources = ["${COLLECTION}/properties/*", "${WIDE_COLLECTION}/properties/*"]
[policies.crypt]
policy_type = "allow"
operations = ["encrypt", "decrypt"]
reasons = ["*"]
resources = ["${COLLECTION}/properties/*"]
[policies.see]
policy_type = "allow"
operations = ["detokenize", "read"]
reasons = ["AppFunctionality", "Analytics"]
resources = ["${COLLECTION}/properties/name", "${COLLECTION}/properties/ssn.mask"]
`;
