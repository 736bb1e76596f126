import { createRequire } from 'node:module';
import type { PostLoginAction } from '../../idp/bundles/auth0-types.js';
import { Auth0Tenant } from '../auth0-tenant.js';
import { LegacyUsers } from '../legacy-users.js';
import { OpenIdProvider } from '../openid-provider.js';
import type { Scene } from '../scene.js';

/** The identity provider and the table it imports users from. */
export interface Idp {
  readonly tenant: Auth0Tenant;
  /** Where users log in. */
  readonly provider: OpenIdProvider;
  readonly legacy: LegacyUsers;
}

/** Whose domain the claims are named after, and who may read the access token. */
export const NAMESPACE = 'https://shop.example';
export const AUDIENCE = 'https://api.shop.example';
export const CLIENT = { clientId: 'shop-web', redirectUri: `${NAMESPACE}/callback` };

/** The bundle itself, as the build made it: what runs at Auth0 runs here. */
const { onExecutePostLogin } = createRequire(import.meta.url)('../../idp/auth0-post-login.cjs') as {
  onExecutePostLogin: PostLoginAction;
};

/** Where metadata goes in the vault. `user_id` is forbidden as a metadata key at Auth0, hence `national_id`. */
const VAULT_PROPERTIES = { 'app_metadata.national_id': 'user_id', 'app_metadata.ssn': 'ssn' };

/** The user the story is about. */
export const EMAIL = 'ada@example.com';

/** Where the PII is before: in the clear, in the old table. Sets the IdP up beside it. */
export async function lookAtTheLegacyTable({ narrator, tap }: Scene, actionKey: string): Promise<Idp> {
  const legacy = new LegacyUsers();

  narrator.step('Before: a user table with PII in the clear');
  narrator.quote([
    'email              national_id   ssn',
    ...legacy
      .rows()
      .map(({ email, national_id, ssn }) => `${email.padEnd(18)} ${national_id.padEnd(13)} ${ssn}`),
  ]);
  narrator.say(
    'The company moves its logins to an identity provider, which imports a user from this table at the first login, PII and all, ' +
      'into app_metadata. A post-login Action runs at every login: dist/idp/auth0-post-login.cjs, as it is pasted into Auth0. It has the ' +
      'event and api objects that Auth0 gives it, and the address and key of the vault among its secrets. There is no Auth0 on this machine: ' +
      'logins, codes and signatures are those of oidc-provider, a real OpenID provider, which runs the Action where Auth0 would.',
  );

  const tenant = new Auth0Tenant({
    id: 'shop',
    client: { client_id: CLIENT.clientId, name: 'Shop' },
    getUser: (email) => legacy.getUser(email),
    action: onExecutePostLogin,
    secrets: {
      COATCHECK_URL: tap.url,
      COATCHECK_API_KEY: actionKey,
      COATCHECK_CLAIM: `${NAMESPACE}/pii_token`,
      COATCHECK_MODE: 'direct',
      COATCHECK_LINK_SECRET: 'only the Action knows this',
      COATCHECK_MAP: JSON.stringify(VAULT_PROPERTIES),
    },
  });
  const provider = await OpenIdProvider.open({
    ...CLIENT,
    audience: AUDIENCE,
    login: (email) => tenant.login(email),
  });
  return { tenant, provider, legacy };
}
