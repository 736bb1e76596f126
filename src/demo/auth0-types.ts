/** The members of Auth0's post-login `event` that the Action reads. Only `user_id` is guaranteed there. */
export interface PostLoginEvent {
  readonly user: {
    readonly user_id: string;
    readonly email?: string;
    readonly app_metadata: Readonly<Record<string, unknown>>;
  };
  readonly client: { readonly client_id: string; readonly name: string };
  /** What the tenant's administrator stored with the Action. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The members of Auth0's post-login `api`. Nothing takes effect before the Action has finished. */
export interface PostLoginApi {
  readonly user: {
    /** Merged at the root level; null removes the key. */
    setAppMetadata(name: string, value: unknown): void;
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
