import type { IdpEvent } from './event.js';
import type { Fields } from './event-fields.js';
import type { WriteBack } from './write-back.js';

/** An event of a provider: what it takes to report it, and how it is read. */
export interface AdapterEvent {
  readonly capability: 'CapIdpHook' | 'CapIdpLifecycle';
  /** Throws PV9087 naming the field of what the provider would not send. Pure. */
  read(event: Fields): IdpEvent;
}

/** What is particular to an identity provider. Adding one is a file in adapters/ and a line in its index. */
export interface Adapter {
  readonly id: string;
  readonly events: Readonly<Record<string, AdapterEvent>>;
  /** Where profile attributes stand -> names of the properties they go into. */
  readonly standardMap: ReadonlyMap<string, readonly string[]>;
  /** Why a map may not name a path as a source, in a constant sentence; null: it may. */
  refuseSource(path: string): string | null;
  /** Why a claim's name would not reach the access token; null: it would. */
  refuseClaim(name: string): string | null;
  /** For what its hooks cannot change; absent: the vault has no way to. */
  readonly writeBack?: WriteBack;
}
