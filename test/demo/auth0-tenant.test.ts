import { type Auth0Settings, Auth0Tenant } from '../../src/demo/auth0-tenant.js';
import type { PostLoginAction } from '../../src/idp/bundles/auth0-types.js';

const EMAIL = 'ada@example.com';

/** A tenant whose one user is imported with this metadata. */
function tenantWith(
  action: PostLoginAction,
  app_metadata: Record<string, unknown> = {},
  settings: Partial<Auth0Settings> = {},
): Auth0Tenant {
  return new Auth0Tenant({
    id: 'shop',
    client: { client_id: 'shop-web', name: 'Shop' },
    getUser: async (email) => (email === EMAIL ? { user_id: 'auth0|ada', email, app_metadata } : null),
    action,
    secrets: { NAME: 'value' },
    ...settings,
  });
}

/** Logs in and returns the claims for the access token. */
async function claimsOf(tenant: Auth0Tenant): Promise<Readonly<Record<string, unknown>>> {
  const result = await tenant.login(EMAIL);
  if (!('claims' in result)) throw new Error(JSON.stringify(result));
  return result.claims;
}

test('a user is imported at the first login and never asked for again', async () => {
  let imports = 0;
  const tenant = tenantWith(
    async () => undefined,
    {},
    {
      getUser: async (email) => {
        imports += 1;
        return { user_id: 'auth0|ada', email, app_metadata: {} };
      },
    },
  );
  await tenant.login(EMAIL);
  await tenant.login(EMAIL);
  expect(imports).toBe(1);
  expect(tenant.user(EMAIL)?.user_id).toBe('auth0|ada');
});

test('a user whom nobody knows is refused', async () => {
  const tenant = tenantWith(async () => undefined);
  expect(await tenant.login('eve@example.com')).toEqual({ denied: 'unknown user' });
});

describe('metadata', () => {
  test('is merged at the root, and null removes a key', async () => {
    const tenant = tenantWith(
      async (_event, api) => {
        api.user.setAppMetadata('gone', null);
        api.user.setAppMetadata('nested', { b: 2 });
        api.user.setAppMetadata('twice', 1);
        api.user.setAppMetadata('twice', 2);
      },
      { kept: true, gone: 'x', nested: { a: 1 } },
    );
    await tenant.login(EMAIL);
    expect(tenant.user(EMAIL)?.app_metadata).toEqual({ kept: true, nested: { b: 2 }, twice: 2 });
  });

  test('changes when the Action has finished, not before', async () => {
    let during: unknown;
    const tenant: Auth0Tenant = tenantWith(async (event, api) => {
      api.user.setAppMetadata('id', '1');
      await Promise.resolve();
      during = [event.user.app_metadata, tenant.user(EMAIL)?.app_metadata];
    });
    await tenant.login(EMAIL);
    expect(during).toEqual([{}, {}]);
    expect(tenant.user(EMAIL)?.app_metadata).toEqual({ id: '1' });
  });

  test('does not change by writing to the event', async () => {
    const tenant = tenantWith(async (event) => {
      (event.user.app_metadata as Record<string, unknown>).mine = true;
    });
    await tenant.login(EMAIL);
    expect(tenant.user(EMAIL)?.app_metadata).toEqual({});
  });

  test.each(['user_id', 'email', 'identities', 'a.b', '$a'])('cannot have the key %s', async (name) => {
    const tenant = tenantWith(async (_event, api) => api.user.setAppMetadata(name, 1));
    expect(await tenant.login(EMAIL)).toMatchObject({ failed: { message: expect.stringContaining(name) } });
    expect(tenant.user(EMAIL)?.app_metadata).toEqual({});
  });
});

test.each(['sub', 'pii_token', 'urn:a:b', 'https://shop.auth0.com/x', 'https://webtask.io/x', 'https://'])(
  'a claim %s is dropped silently',
  async (name) => {
    const tenant = tenantWith(async (_event, api) => {
      api.accessToken.setCustomClaim(name, 'mine');
      api.accessToken.setCustomClaim('https://shop.example/pii_token', 't');
    });
    expect(await claimsOf(tenant)).toEqual({ 'https://shop.example/pii_token': 't' });
  },
);

test('an Action that denies ends the login, and its metadata is written all the same', async () => {
  const tenant = tenantWith(async (_event, api) => {
    api.access.deny('no');
    api.user.setAppMetadata('seen', true);
  });
  expect(await tenant.login(EMAIL)).toEqual({ denied: 'no' });
  expect(tenant.user(EMAIL)?.app_metadata).toEqual({ seen: true });
});

test('an Action that throws fails the login and changes nothing', async () => {
  const tenant = tenantWith(async (_event, api) => {
    api.user.setAppMetadata('seen', true);
    throw new Error('oh');
  });
  expect(await tenant.login(EMAIL)).toMatchObject({ failed: { message: 'oh' } });
  expect(tenant.user(EMAIL)?.app_metadata).toEqual({});
});

test('the event holds the user, the client and the secrets', async () => {
  let seen: unknown;
  const tenant = tenantWith(async (event) => void (seen = event), { national_id: '1' });
  await tenant.login(EMAIL);
  expect(seen).toEqual({
    tenant: { id: 'shop' },
    connection: { name: 'Username-Password-Authentication', strategy: 'auth0' },
    transaction: { id: expect.any(String), protocol: 'oidc-basic-profile' },
    user: { user_id: 'auth0|ada', email: EMAIL, app_metadata: { national_id: '1' } },
    client: { client_id: 'shop-web', name: 'Shop' },
    secrets: { NAME: 'value' },
  });
});
