import type { Attribute, Decision, LoginEvent } from './event.js';
import type { Fields } from './event-fields.js';

/** The client as which the vault calls a provider's API. */
export interface Credential {
  readonly clientId: string;
  /** Empty where the client has a key. */
  readonly clientSecret: string;
  /** PEM or JWK: what the client signs with in place of having a secret. */
  readonly privateKey?: string | undefined;
  /** What the provider calls the key's public half. */
  readonly keyId?: string | undefined;
  readonly audience: string | undefined;
  /** Where to ask for a token, if that is not below the provider's base URL. */
  readonly tokenUrl?: string | undefined;
}

/** A request to a provider; `path` is below its base URL. */
export interface ProviderRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/**
 * How users are read and changed through a provider's management API, for what its hooks cannot change. Pure: sending, retries and limits are the same for all of them. An adapter
 * that has it says of attributes that its hooks cannot remove that they are `removableLater`.
 */
export interface WriteBack {
  /**
   * Asks for an access token; the answer has `access_token` and `expires_in` (RFC 6749). For a provider whose secret is itself what requests are authorized by: the
   * value of their header.
   */
  token(base: string, credential: Credential): ProviderRequest | { readonly authorization: string };
  /** For a provider whose clients may prove themselves by an assertion that their private key signed (RFC 7523): for whom it is, and how a token is asked for with it. */
  readonly signed?: {
    audience(base: string): string;
    token(base: string, credential: Credential, assertion: string): ProviderRequest;
  };
  /** What the answer says, for a provider with names of its own. */
  tokenIn?(answer: Fields): { readonly token: unknown; readonly seconds: unknown };
  /** Tokens are asked for at an address of their own, which the credential must name. */
  readonly needsTokenUrl?: true;
  read(subject: string): ProviderRequest;
  /** The user as the API shows them, as a login of nobody's: what can be removed there is `removable`. Throws PV9087. */
  event(user: Fields): LoginEvent;
  /** What brings the user to what the decision says and touches nothing else; null: they are there. Only what `user` shows is removed. */
  change(subject: string, user: Fields, decision: Decision): ProviderRequest | null;
  /** A place that {@link change} may have emptied, as an attribute of the user says it; null: it is none, and nothing is put there. */
  place(path: string): Place | null;
  /** What puts values where they stood and touches nothing else; null: this user cannot be changed there. Each is at a place there is, which `user` shows empty. */
  restore(subject: string, user: Fields, values: ReadonlyMap<string, unknown>): ProviderRequest | null;
}

/** What is known of an attribute by where it stands. */
export type Place = Pick<Attribute, 'key' | 'metadata'>;

/** The values under one root, by their keys. */
export function valuesUnder(root: string, values: ReadonlyMap<string, unknown>): Fields {
  const under = [...values].filter(([path]) => path.startsWith(`${root}.`));
  return Object.fromEntries(under.map(([path, value]) => [path.slice(root.length + 1), value]));
}

/** The place, where it is a key under one of these roots of free metadata. */
export function metadataPlace(path: string, roots: readonly string[]): Place | null {
  const root = roots.find((each) => path.startsWith(`${each}.`));
  return root === undefined ? null : { key: path.slice(root.length + 1), metadata: true };
}

/** A request that sends JSON. */
export function jsonRequest(method: 'POST' | 'PATCH' | 'PUT', path: string, body: unknown): ProviderRequest {
  return { method, path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** A request that reads. */
export function readRequest(path: string): ProviderRequest {
  return { method: 'GET', path, headers: { accept: 'application/json' }, body: null };
}

/** The keys under one root, such as `app_metadata`, among the paths of a decision. */
export function keysUnder(root: string, paths: readonly string[], fields: Fields): string[] {
  return paths
    .filter((path) => path.startsWith(`${root}.`))
    .map((path) => path.slice(root.length + 1))
    .filter((key) => Object.hasOwn(fields, key));
}
