import type { Outcome, RecordedTouch, Revelation } from '../access-log/entry.js';
import type { ErrorCode, VaultError } from '../errors.js';
import type { OperationId } from '../generated/contract.js';
import type { Capability } from '../policy/capabilities.js';
import type { Caller } from '../policy/caller.js';
import type { Restrictions } from '../policy/jwt-claims.js';
import type { AccessReason } from '../policy/reasons.js';
import type { Metadata } from '../store/metadata.js';
import type { FunctionCalls } from './functions/function-calls.js';
import type { BodyOf, PathOf, QueryOf } from './operation.js';

/** Whom a JWT stands for, as its issuer says. */
export interface JwtCaller {
  /** Name of the idp in the IAM configuration. */
  readonly idp: string;
  readonly issuer: string;
  readonly subject: string;
}

/** Somebody whom a token stands for that the call brought along: its issuer and times are checked, and its claims are the issuer's words. */
export interface VerifiedSubject {
  /** Name of the idp in the IAM configuration, a `subject-jwt`. */
  readonly idpName: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Who is calling, as authentication found. */
export interface Principal {
  readonly user: string;
  readonly role: string;
  /** Public id of the API key, or the id of the key that signed the JWT; null for the Admin's. */
  readonly keyId: string | null;
  readonly caller: Caller;
  readonly capabilities: ReadonlySet<Capability>;
  /** Absent for an API key. */
  readonly jwt?: JwtCaller;
  /** The hook whose provider signed the call: the caller speaks for no other. */
  readonly signedHook?: string;
  /** On whose behalf the caller acts, with `role`; the role it was trusted for is its own. */
  readonly delegation?: JwtCaller & { readonly trustedRole: string };
  /** The name of the action that acts for the caller, with `role`. */
  readonly action?: string;
  /** From claims of JWTs. Null: they restrict in a way that cannot be enforced, so nothing is allowed. */
  readonly restrictions?: Restrictions | null;
}

/** What an access log entry says beyond who, when and which operation. */
export interface Facts {
  readonly collection?: string;
  readonly objects?: readonly string[];
  /** Token references (`LookupKeys.logReference`), never token ids. */
  readonly tokens?: readonly string[];
  readonly asked?: readonly Revelation[];
  readonly revealed?: readonly Revelation[];
  readonly outcome: Outcome;
  readonly rule?: string;
  /** How many things the entry is about, where it does not name each of them. */
  readonly count?: number;
  /** The entries of the log that the call is about: from the first, up to, not including, the second position. */
  readonly range?: readonly [from: number, to: number];
  /** The error of an entry that says `denied` or `failed`. */
  readonly errorCode?: ErrorCode;
  /** Positions in the log whose free texts the call erases. */
  readonly erased?: readonly number[];
}

/** What was decided about a call: the entry says it, whoever writes the entry. */
export interface Decided {
  readonly rule: string;
  /** Everything the policies were asked for, in `collection`. */
  readonly on?: { readonly collection: string; readonly touches: readonly RecordedTouch[] };
}

/** The snapshot a request works with; `functions` is there where custom data types exist. */
export interface CallMetadata extends Metadata {
  readonly functions?: FunctionCalls;
}

/** One authenticated request for one operation, parsed and validated against the contract. */
export interface Call<Id extends OperationId = OperationId> {
  readonly operation: Id;
  /** Ours, a UUID; the caller's own is recorded beside it. */
  readonly requestId: string;
  readonly callerRequestId: string | null;
  readonly startedAt: Date;
  readonly principal: Principal;
  readonly metadata: CallMetadata;
  readonly path: PathOf<Id>;
  readonly query: QueryOf<Id>;
  readonly body: BodyOf<Id>;
  /** `content-type` of the body and the first type of `accept`, without parameters; null where absent. */
  readonly contentType: string | null;
  readonly accept: string | null;
  /** From X-Trans-Param; null where absent or empty. */
  readonly transParam: string | null;
  /** Verifies a token of an idp of type `subject-jwt`. Throws PV1005 with a detail for the operator, or PV9064. */
  verifySubject(token: string): Promise<VerifiedSubject>;
  /** A header that the contract lists for the operation; null where it is absent or empty. */
  header(name: string): string | null;
  /** From X-Tenant-Id; empty: the request is not limited to tenants. */
  readonly tenants: readonly string[];
  readonly reason: AccessReason;
  readonly reasonDefaulted: boolean;
  readonly adhocReason: string | null;
  readonly customAudit: string | null;
  /** Null unless recording it is switched on. */
  readonly remoteAddress: string | null;
  /** From Idempotency-Key, with the bytes that tell one request from another. */
  readonly idempotency: { readonly key: string; readonly request: Buffer } | null;

  /**
   * Appends an entry; durable when it resolves. Throws PV9017 where that is not possible: then show and change nothing. An entry
   * after the first refers to the first. A call of nobody (a public operation without a key) leaves no entry.
   */
  record(facts: Facts): Promise<void>;
  /** Tells the record what settled that the call may go on, or may not. */
  decided(decision: Decided): void;
  /** Index of the first entry of this call; null while there is none. */
  readonly recordedAt: number | null;
  /** For the frame alone: records what the call threw, once, and returns the error to answer. */
  fail(error: unknown): Promise<VaultError>;
}
