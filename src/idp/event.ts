/** How a user got to the provider; decides what happens to values that the vault has already. */
export type ConnectionKind = 'database' | 'social' | 'enterprise' | 'legacy';

/** One attribute of a user as the provider has it. */
export interface Attribute {
  /** Where it stands there, such as `app_metadata.ssn`. */
  readonly path: string;
  /** The last part of the path. */
  readonly key: string;
  readonly value: unknown;
  /** Free metadata: a key that is a property's name goes into that property. */
  readonly metadata: boolean;
  /** Whether the hook can remove it there. */
  readonly removable: boolean;
  /** Whether the provider has verified it; undefined: that is not said of this attribute. */
  readonly verified?: boolean;
}

/** A user logged in, signed up, or had a token refreshed. */
export interface LoginEvent {
  readonly kind: 'login';
  /** Undefined where the provider does not say it: then the key alone says which hook it is. */
  readonly issuer: string | undefined;
  readonly subject: string;
  /** The provider has no id of the user yet: `subject` is what a legacy database calls them, and the user who later shows the object's id is the same. */
  readonly provisional?: true;
  /** The user may have an object that nothing here shows: for somebody the vault does not know, none is made. */
  readonly onlyKnown?: true;
  /** When the provider sent it, where it says so and sends nothing twice; far from now it is refused. */
  readonly sentAt?: Date;
  /** The object id that the provider holds for the user. */
  readonly link: string | undefined;
  /** The client that gets the access token; undefined: none does, as at a migration. */
  readonly clientId: string | undefined;
  /** The provider's id of this transaction: the same when it sends the event again. */
  readonly transaction: string | undefined;
  readonly connection: { readonly name: string; readonly kind: ConnectionKind };
  /** In order of precedence. */
  readonly attributes: readonly Attribute[];
  /** When the profile last changed there. */
  readonly updatedAt: Date | undefined;
}

/** A user was deleted at the provider. */
export interface ErasureEvent {
  readonly kind: 'erasure';
  /** Undefined where the provider does not say it: then the key alone says which hook it is. */
  readonly issuer: string | undefined;
  readonly subject: string;
}

/** Something that the provider tells along with the rest and that changes nothing here. */
export interface OtherEvent {
  readonly kind: 'other';
  readonly issuer: string | undefined;
}

/** Several events that the provider tells at once. */
export interface EventBatch {
  readonly kind: 'batch';
  readonly issuer: string | undefined;
  readonly events: readonly ErasureEvent[];
}

export type IdpEvent = LoginEvent | ErasureEvent | OtherEvent | EventBatch;

/** Something that did not go as it might: names, never values. */
export interface Warning {
  readonly code:
    | 'quarantined'
    | 'not_unique'
    | 'not_allowed'
    | 'ambiguous'
    | 'incomplete'
    | 'unmapped_pii'
    | 'link_ignored'
    | 'erased'
    | 'archived';
  readonly name?: string;
}

/** What the hook is to do at the provider. `write` and `scrub` belong into one update there. */
export interface Decision {
  readonly write: Readonly<Record<string, string | null>>;
  readonly scrub: readonly string[];
  readonly token?: string;
  readonly claim?: string;
  readonly warnings: readonly Warning[];
}

/** Nothing was stored that the provider has, and it gets nothing. */
export const NOTHING_TO_DO: Decision = { write: {}, scrub: [], warnings: [] };

/** The metadata key under which a provider keeps the object id. */
export const LINK_KEY = 'pii_object_id';
