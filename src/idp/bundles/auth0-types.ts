/** The members of Auth0's post-login `event` that are read. Only `user.user_id` is guaranteed there. Source: Auth0's reference of the trigger, version 3. */
export interface PostLoginEvent {
  readonly user: {
    readonly user_id: string;
    readonly app_metadata?: Readonly<Record<string, unknown>>;
    readonly user_metadata?: Readonly<Record<string, unknown>>;
    readonly [attribute: string]: unknown;
  };
  readonly client?: { readonly client_id?: string };
  readonly connection?: { readonly name?: string; readonly strategy?: string };
  /** There where the user logs in to an organization. */
  readonly organization?: { readonly id?: string };
  readonly transaction?: { readonly id?: string; readonly protocol?: string };
  readonly tenant?: { readonly id?: string };
  /** What the tenant's administrator stored with the Action. */
  readonly secrets: Readonly<Record<string, string | undefined>>;
}

/** The members of Auth0's post-login `api`. Nothing takes effect before the Action has finished. */
export interface PostLoginApi {
  readonly user: {
    /** Merged at the root level; null removes the key. */
    setAppMetadata(name: string, value: unknown): void;
    setUserMetadata(name: string, value: unknown): void;
  };
  readonly accessToken: {
    /** A name that is not a namespaced URL is dropped silently. */
    setCustomClaim(name: string, value: unknown): void;
  };
  readonly access: {
    /** Refuses the login; metadata that was set is written all the same. */
    deny(reason: string): void;
  };
}

/** What an Action file exports. */
export type PostLoginAction = (event: PostLoginEvent, api: PostLoginApi) => Promise<void>;
