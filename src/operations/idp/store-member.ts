import type { Adapter } from '../../idp/adapter.js';
import type { Decision, LoginEvent } from '../../idp/event.js';
import { optionalName } from '../../idp/event-fields.js';
import { handleLogin } from '../../idp/login.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { IdpOrganizations } from '../../policy/idp-organizations.js';
import { collectionNamed } from '../collection-named.js';
import type { Vault } from '../vault.js';
import type { IdpCall } from './hook-of.js';
import { effectsAlone } from './login-effects.js';
import { loginRules } from './login-rules.js';
import { StoredLogin } from './stored-login.js';

/**
 * Takes in what a login shows of the user as a member of the organization that they log in to, as a login takes in what it shows of the user, into an object of that user and organization
 * (docs/adr/0065). Null where the hook says nothing of organizations, or the event names none. What only the provider's API could remove stays there.
 */
export async function storeMember(
  call: IdpCall,
  vault: Vault,
  adapter: Adapter,
  hook: IdpHook,
  event: LoginEvent,
): Promise<Decision | null> {
  const { organizations } = hook;
  if (!organizations || event.provisional) return null;
  const organization = event.organization ?? claimedIn(event, organizations);
  if (organization === undefined) return null;

  const collection = collectionNamed(call.metadata, organizations.collection);
  const users = collectionNamed(call.metadata, hook.collection);
  const own = hookForMembers(hook, organizations);
  const attributes = event.attributes.filter(({ path }) => organizations.map.has(path));
  const seen = { ...event, organization, link: undefined, attributes };
  const port = new StoredLogin(
    call,
    vault,
    collection,
    own,
    seen,
    effectsAlone(call, vault, collection),
    users,
  );
  return handleLogin(port, seen, loginRules(adapter, own));
}

/**
 * The hook as it would be if users in organizations were all there is to it: of its rules for properties only the one for all holds for another collection, and nothing is queued for later, since a job
 * does not know which organization it is of.
 */
function hookForMembers(hook: IdpHook, organizations: IdpOrganizations): IdpHook {
  const { collection, map, clients, claim } = organizations;
  const rule = hook.conflict.get('*');
  return {
    ...hook,
    ...{ collection, map, clients, claim },
    conflict: new Map(rule === undefined ? [] : [['*', rule]]),
    ignore: [],
    writeBack: undefined,
    quarantine: undefined,
    adoptLinks: false,
    organizations: undefined,
    profile: undefined,
  };
}

/** A claim that names no organization, or several, leaves a login to none. Throws PV9087 for a name that no organization can have. */
function claimedIn({ attributes }: LoginEvent, { idClaim }: IdpOrganizations): string | undefined {
  if (idClaim === undefined) return undefined;
  const claim = attributes.find(({ path }) => path === `claims.${idClaim}`)?.value;
  const [name, ...others] = [claim].flat();
  return typeof name === 'string' && others.length === 0
    ? optionalName({ [idClaim]: name }, idClaim, 'claims.')
    : undefined;
}
