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
  /** The hook cannot, but the provider's API can: see `WriteBack`. */
  readonly removableLater?: true;
  /** Whether the provider has verified it; undefined: that is not said of this attribute. */
  readonly verified?: boolean;
}

/** A user logged in, signed up, had a token refreshed, or (`late`) was changed. */
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
  /** No answer can have the provider keep the object id, but its API can: see `WriteBack`. */
  readonly linkLater?: true;
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
  /** Told some time after it happened, perhaps in another order: what the vault has from later stays. */
  readonly late?: true;
  /** Subjects that the provider shows to be linked to this one, all of them; undefined: it does not say. */
  readonly linked?: readonly string[];
  /** The organization that the user logs in to, by its id there; undefined: none, or the provider does not say. */
  readonly organization?: string;
  /** What the event says besides, of whether the user is suspended. */
  readonly status?: Status;
}

/** Whether a provider has suspended a user, and when it said so: what it says of earlier does not count any more. */
export interface Status {
  readonly suspended: boolean;
  readonly at: Date | undefined;
}

/** A user was deleted at the provider. */
export interface ErasureEvent {
  readonly kind: 'erasure';
  /** Undefined where the provider does not say it: then the key alone says which hook it is. */
  readonly issuer: string | undefined;
  readonly subject: string;
}

/** Two identities are one person from now on: the primary's object is both's. */
export interface LinkEvent {
  readonly kind: 'link';
  readonly issuer: string | undefined;
  readonly subject: string;
  readonly secondary: string;
}

/** An identity is no longer the same person as the one it was linked to. */
export interface UnlinkEvent {
  readonly kind: 'unlink';
  readonly issuer: string | undefined;
  /** Whom it was linked to; undefined: whoever that is. */
  readonly subject: string | undefined;
  readonly secondary: string;
}

/** A user was suspended at the provider, or is no longer. */
export interface StatusEvent {
  readonly kind: 'status';
  readonly issuer: string | undefined;
  readonly subject: string;
  readonly status: Status;
}

/** Somebody signs in with a password that the provider cannot check: it asks whether it is right. Neither part of it is ever stored or recorded. */
export interface PasswordEvent {
  readonly kind: 'password';
  readonly issuer: string | undefined;
  readonly sentAt: Date;
  readonly username: string;
  readonly password: string;
}

/** A user is no member of an organization any more. */
export interface LeavingEvent {
  readonly kind: 'leaving';
  readonly issuer: string | undefined;
  readonly subject: string;
  readonly organization: string;
  /** When they left, where the provider says it. */
  readonly at: Date | undefined;
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
  readonly events: readonly (ErasureEvent | StatusEvent | LeavingEvent)[];
}

export type IdpEvent =
  | LoginEvent
  | LinkEvent
  | UnlinkEvent
  | StatusEvent
  | ErasureEvent
  | LeavingEvent
  | PasswordEvent
  | OtherEvent
  | EventBatch;

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
    | 'archived'
    | 'conflict'
    | 'postponed'
    | 'suspended';
  readonly name?: string;
}

/** What the hook is to do at the provider. `write` and `scrub` belong into one update there. */
export interface Decision {
  readonly write: Readonly<Record<string, string | null>>;
  readonly scrub: readonly string[];
  readonly token?: string;
  readonly claim?: string;
  /** For a provider that asked just that: whether a password is right. */
  readonly verified?: boolean;
  /** The token of what the user is in the organization that they logged in to. */
  readonly organization?: { readonly token: string; readonly claim?: string };
  /** Whether the vault now has all that the hook says a profile needs, for a claim beside the token's. Absent: this login says nothing of it. */
  readonly profile?: { readonly claim: string; readonly complete: boolean };
  readonly warnings: readonly Warning[];
}

/** Nothing was stored that the provider has, and it gets nothing. */
export const NOTHING_TO_DO: Decision = { write: {}, scrub: [], warnings: [] };

/** The metadata key under which a provider keeps the object id. */
export const LINK_KEY = 'pii_object_id';
