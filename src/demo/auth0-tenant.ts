import { randomUUID } from 'node:crypto';
import { checkMetadataKey, isNamespacedClaim } from './auth0-rules.js';
import type { PostLoginAction, PostLoginApi, PostLoginEvent } from '../idp/bundles/auth0-types.js';

/** A user as the tenant keeps it. */
export interface Auth0User {
  readonly user_id: string;
  readonly email: string;
  readonly app_metadata: Record<string, unknown>;
  readonly user_metadata?: Record<string, unknown>;
}

/** How a tenant is set up. */
export interface Auth0Settings {
  /** Its name. */
  readonly id: string;
  readonly client: { readonly client_id: string; readonly name: string };
  /** The custom database script: asked once for a user whom the tenant does not know yet, who is then imported. */
  readonly getUser: (email: string) => Promise<Auth0User | null>;
  readonly action: PostLoginAction;
  readonly secrets: PostLoginEvent['secrets'];
}

/** How a login ended: who it was and what the Action wants in the access token, or why there is none. */
export type LoginResult =
  | { readonly userId: string; readonly claims: Readonly<Record<string, unknown>> }
  | { readonly denied: string }
  /** An Action that throws fails the login. */
  | { readonly failed: unknown };

/**
 * A little stage for Auth0: it does around a post-login Action what Auth0 does, from the moment the user has proved who they are to the claims for the access
 * token; the protocol around it is that of a real provider ({@link OpenIdProvider}). The Action gets copies and an `api` that only collects; effects come when it has finished.
 */
export class Auth0Tenant {
  readonly #settings: Auth0Settings;
  readonly #users = new Map<string, Auth0User>();

  constructor(settings: Auth0Settings) {
    this.#settings = settings;
  }

  /** A copy of what the tenant keeps about a user. */
  user(email: string): Auth0User | undefined {
    return structuredClone(this.#users.get(email));
  }

  /** A login: import if need be, the Action, its effects. */
  async login(email: string): Promise<LoginResult> {
    const user = this.#users.get(email) ?? (await this.#import(email));
    if (!user) return { denied: 'unknown user' };

    const metadata: [string, unknown][] = [];
    const userMetadata: [string, unknown][] = [];
    const claims: [string, unknown][] = [];
    const denials: string[] = [];
    const api: PostLoginApi = {
      user: {
        setAppMetadata(name, value) {
          checkMetadataKey(name);
          metadata.push([name, structuredClone(value)]);
        },
        setUserMetadata(name, value) {
          checkMetadataKey(name);
          userMetadata.push([name, structuredClone(value)]);
        },
      },
      accessToken: { setCustomClaim: (name, value) => void claims.push([name, structuredClone(value)]) },
      access: { deny: (reason) => void denials.push(reason) },
    };
    const { action, client, secrets } = this.#settings;
    try {
      await action(structuredClone({ ...this.#eventOf(user), client, secrets }), api);
    } catch (error) {
      return { failed: error };
    }

    write(user.app_metadata, metadata);
    if (user.user_metadata) write(user.user_metadata, userMetadata);
    if (denials.length > 0) return { denied: denials[0]! };
    const custom = claims.filter(([name]) => isNamespacedClaim(name));
    return { userId: user.user_id, claims: Object.fromEntries(custom) };
  }

  /** What an Action is told besides its secrets and the client. */
  #eventOf(user: Auth0User): Pick<PostLoginEvent, 'user' | 'tenant' | 'connection' | 'transaction'> {
    return {
      user: { ...user },
      tenant: { id: this.#settings.id },
      connection: { name: 'Username-Password-Authentication', strategy: 'auth0' },
      transaction: { id: randomUUID(), protocol: 'oidc-basic-profile' },
    };
  }

  async #import(email: string): Promise<Auth0User | undefined> {
    const found = await this.#settings.getUser(email);
    if (found) this.#users.set(email, structuredClone(found));
    return this.#users.get(email);
  }
}

/** Merged at the root level; null removes. */
function write(metadata: Record<string, unknown>, changes: readonly [string, unknown][]): void {
  for (const [name, value] of changes) {
    if (value === null) delete metadata[name];
    else metadata[name] = value;
  }
}
