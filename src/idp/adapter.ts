import type { IdpConfig } from '../policy/idp-config.js';
import type { Decision, IdpEvent, LoginEvent } from './event.js';
import type { Fields } from './event-fields.js';
import type { WriteBack } from './write-back.js';

/** An event of a provider: what it takes to report it, and how it is read. */
export interface AdapterEvent {
  readonly capability: 'CapIdpHook' | 'CapIdpLifecycle';
  /** Throws PV9087 naming the field of what the provider would not send. Pure. */
  read(event: Fields): IdpEvent;
  /** Absent: a hook of ours is told the decision and carries it out. */
  readonly answer?: ProviderAnswer;
  /** It asks whether a password is right, which a service that the hook names must say. */
  readonly asksForPassword?: true;
  /** Absent: only a key of ours, or a JWT of the provider's own, says who calls. */
  readonly signature?: Signature;
}

/**
 * How a provider signs a call with a secret that a user of the hook shares with it (docs/adr/0058). `jwt`: the header is a JWT (HS256), and the only proof of who calls. `hmac`: the header
 * is the hex HMAC-SHA256 of the body, beside a key of ours.
 */
export interface Signature {
  readonly form: 'jwt' | 'hmac';
  /** In lower case. */
  readonly header: string;
}

/** How a provider is answered that calls by itself and understands nothing but its own form (docs/adr/0043). */
export interface ProviderAnswer {
  /**
   * Whether the answer can change the user. Where it cannot, what a decision says to write and to scrub waits at the provider for somebody
   * who changes the user there later.
   */
  readonly writeBack: 'answer' | 'deferred';
  /** Milliseconds after which the provider may have stopped waiting, with those the network takes left out. */
  readonly withinMs: number;
  /** The decision as the provider understands it; null: nothing is to be done. Pure, and free of values of the vault. */
  render(decision: Decision, event: Fields): object | null;
  /**
   * What says that nothing is to change; null: an empty answer. For a provider that takes an error for a refusal, so that a vault that is away
   * does not keep people out. Absent: the provider goes on by itself.
   */
  readonly unchanged?: object | null;
  /** Whether somebody who has a token already gets another: that is never refused. Absent: the provider does not say. */
  isRefresh?(event: Fields): boolean;
}

/** What is particular to an identity provider. Adding one is a file in adapters/ and a line in its index. */
export interface Adapter {
  readonly id: string;
  readonly events: Readonly<Record<string, AdapterEvent>>;
  /** The event whose address the provider verifies once, by a GET with a text in a header that it wants to see again. */
  readonly challenge?: { readonly event: string; readonly header: string };
  /** Where profile attributes stand -> names of the properties they go into. */
  readonly standardMap: ReadonlyMap<string, readonly string[]>;
  /** Why a map may not name a path as a source, in a constant sentence; null: it may. */
  refuseSource(path: string): string | null;
  /** Why a claim's name would not reach the access token; null: it would. */
  refuseClaim(name: string): string | null;
  /** Whether its events name the organization that a user logs in to; `claim`: a claim of the user may, too. Absent: they do not. */
  readonly organizations?: 'event' | 'claim';
  /** For what its hooks cannot change; absent: the vault has no way to. */
  readonly writeBack?: WriteBack;
  /** Why the tokens of an idp of the configuration cannot stand for the provider's calls; null: they can. Absent: calls bring keys of ours. */
  refuseCaller?(idp: IdpConfig, issuer: string): string | null;
  /** The login that a token of the provider proves, for a provider that has no hook, or whose hook was not answered. Throws PV9087. Pure. */
  readToken(claims: Fields): LoginEvent;
}
