import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { COLLECTION, SCHEMA } from './people.mjs';
import { freePort, startNode, untilReady } from './processes.mjs';
import { client } from './vault-client.mjs';

export const DIST = path.join(import.meta.dirname, '../dist');
export const HEALTH = '/api/pvlt/1.0/data/info/health';
export const ISSUER = 'bench';

/** A hook of Auth0, and users of these names, each with a role of one capability; those that are for hooks may use it. @param {Record<string, string>} capabilities */
function iamOf(capabilities) {
  const names = Object.keys(capabilities);
  const roles = names.map(
    (name) => `
[users.${name}]
role = "${name}"
[roles.${name}]
capabilities = ["${capabilities[name]}"]
policies = ["store"]`,
  );
  return `${roles.join('\n')}
[policies.store]
policy_type = "allow"
operations = ["write", "tokenize"]
reasons = ["AppFunctionality"]
resources = ["${COLLECTION}/properties/*"]
[idp_hooks.bench]
provider = "auth0"
issuer = "${ISSUER}"
users = ${JSON.stringify(names.filter((name) => capabilities[name]?.startsWith('CapIdp')))}
collection = "${COLLECTION}"
`;
}

/**
 * A vault as in production with a hook of Auth0, and a key for each of the users.
 * @template {string} Name
 * @param {import('./postgres.mjs').Postgres} postgres
 * @param {Record<Name, string>} capabilities by the name of the user
 */
export async function startIdpVault(postgres, capabilities) {
  const databaseUrl = await postgres.createDatabase('idp');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const adminKey = `Bench1${randomBytes(16).toString('hex')}`;
  const server = startNode([path.join(DIST, 'main.js'), 'serve'], {
    DATABASE_URL: databaseUrl,
    COATCHECK_KMS_KEY: randomBytes(32).toString('hex'),
    COATCHECK_SERVICE_ADMIN_API_KEY: adminKey,
    COATCHECK_SERVICE_LISTEN_ADDR: `127.0.0.1:${port}`,
    COATCHECK_SERVICE_RATE_LIMIT_PER_ADDRESS: '10000000',
    COATCHECK_SERVICE_RATE_LIMIT_PER_CLIENT: '10000000',
  });
  await untilReady(`${url}${HEALTH}`, server.ended);
  const admin = client(url, adminKey);
  await admin('POST', '/api/pvlt/1.0/ctl/collections', SCHEMA, 'application/pvschema');
  await admin('POST', '/api/pvlt/1.0/ctl/iam/conf', iamOf(capabilities), 'application/toml');
  /** @type {Record<string, string>} */
  const keys = {};
  for (const name of Object.keys(capabilities)) {
    const made = await admin('POST', '/api/pvlt/1.0/ctl/iam/user/regen', JSON.stringify({ name }));
    keys[name] = made.api_key;
  }
  return { url, databaseUrl, pid: server.pid, admin, keys: /** @type {Record<Name, string>} */ (keys) };
}
