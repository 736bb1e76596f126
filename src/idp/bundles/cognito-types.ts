/**
 * The members of Cognito's trigger events that are read or written. Source: Amazon's reference of the pre token generation, migrate user and inbound federation triggers,
 * and the types published as @types/aws-lambda.
 */
interface TriggerEvent {
  readonly version: string;
  readonly triggerSource: string;
  readonly userPoolId: string;
  readonly userName: string;
  readonly callerContext: { readonly clientId: string };
}

type Texts = Record<string, string>;

/** Tokens are about to be made. Version one changes the ID token, two and three both. */
export interface PreTokenEvent extends TriggerEvent {
  readonly request: { readonly userAttributes: Texts; readonly scopes?: string[] | undefined };
  response: {
    claimsOverrideDetails?: Overrides | null | undefined;
    claimsAndScopeOverrideDetails?:
      | {
          idTokenGeneration?: Overrides | undefined;
          accessTokenGeneration?: Overrides<string | boolean> | undefined;
        }
      | null
      | undefined;
  };
}

/** Version one knows texts alone. */
interface Overrides<Value = string> {
  claimsToAddOrOverride?: Record<string, Value> | undefined;
  claimsToSuppress?: string[] | undefined;
}

/** Somebody signs in, or forgot the password, whom the pool does not know. */
export interface MigrationEvent extends TriggerEvent {
  readonly request: { readonly password?: string };
  response: {
    userAttributes?: Texts;
    finalUserStatus?: 'CONFIRMED';
    messageAction?: 'SUPPRESS';
  };
}

/** Somebody signs in with another provider, before the pool has what it says of them. Of some providers a part is the text of an object. */
export interface FederationEvent extends TriggerEvent {
  readonly request: {
    readonly providerName: string;
    readonly providerType: string;
    readonly attributes: {
      readonly tokenResponse?: unknown;
      readonly idToken?: unknown;
      readonly userInfo?: unknown;
      readonly samlResponse?: unknown;
    };
  };
  response: { userAttributesToMap?: Texts };
}

/** What is used of @aws-sdk/client-cognito-identity-provider, which Lambda's Node runtime brings along. */
export interface CognitoSdk {
  readonly CognitoIdentityProviderClient: new (config: { maxAttempts: number }) => {
    send(command: unknown, options: { abortSignal: AbortSignal }): Promise<unknown>;
  };
  readonly AdminUpdateUserAttributesCommand: new (input: {
    UserPoolId: string;
    Username: string;
    UserAttributes: { Name: string; Value: string }[];
  }) => object;
  readonly AdminDeleteUserAttributesCommand: new (input: {
    UserPoolId: string;
    Username: string;
    UserAttributeNames: string[];
  }) => object;
}
