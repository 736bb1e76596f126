/** The members of Logto's users that are read or written. Source: the types published as @logto/schemas. */
export interface LogtoUser {
  readonly id: string;
  readonly customData?: Readonly<Record<string, unknown>>;
  readonly profile?: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** What a post sign-in action is given. */
export interface PostSignIn {
  readonly event: { readonly user: LogtoUser };
  readonly environmentVariables?: Variables;
}

/** What it answers: nothing, or what is to be changed of the user. `customData` is merged, so a key is taken away by null. */
export type PostSignInResult =
  | {
      readonly action: 'updateUser';
      readonly user: {
        readonly name?: null;
        readonly customData?: Readonly<Record<string, string | null>>;
        readonly profile?: Readonly<Record<string, unknown>>;
      };
    }
  | undefined;

/** What a post first factor verification action is given: a password that Logto does not know, in the clear. */
export interface PostFirstFactor {
  readonly event: {
    readonly identifier: { readonly type: 'username' | 'email' | 'phone'; readonly value: string };
    /** Null: Logto has nobody of that name. */
    readonly user: { readonly id: string } | null;
    readonly password: string;
  };
  readonly environmentVariables?: Variables;
}

/** What it answers: nothing, which turns the password down, or the user whom it is right for. */
export type PostFirstFactorResult =
  { readonly action: 'createUser'; readonly user: object; readonly passwordVerified: true } | undefined;

/** What a custom JWT script is given for the token of a user. */
export interface CustomJwt {
  readonly token: { readonly jti?: string; readonly clientId?: string; readonly gty?: string };
  readonly context?: {
    readonly user?: LogtoUser;
    /** There where the token is made for an organization. */
    readonly organization?: { readonly id?: string };
  };
  readonly environmentVariables?: Variables;
  /** Throws. */
  readonly api: { denyAccess(message?: string): never };
}
