import type { EntryDraft, RecordedTouch, TextKind } from '../access-log/entry.js';
import type { AccessLog } from '../access-log/writer.js';
import { ReferenceViolation } from '../store/database-errors.js';
import { type ErrorCode, VaultError } from '../errors.js';
import type { OperationId } from '../generated/contract.js';
import type { AccessReason } from '../policy/reasons.js';
import type { Decided, Facts, Principal } from './call.js';

/** Who calls a public operation without a key. May do nothing and is never recorded: health checks would fill the log. */
export const NOBODY: Principal = {
  user: '',
  role: '',
  keyId: null,
  caller: { kind: 'role', role: '' },
  capabilities: new Set(),
};

/** One request as its entries name it. */
export interface Occasion {
  readonly operation: OperationId;
  readonly requestId: string;
  readonly callerRequestId: string | null;
  /** Null unless recording it is switched on. */
  readonly remoteAddress: string | null;
}

/** What becomes known of a request while the guards read it. An entry says what is known when it is written. */
export interface Particulars {
  readonly principal: Principal;
  readonly iamVersion: number;
  readonly collection?: string;
  readonly objects?: readonly string[];
  readonly tenants?: readonly string[];
  readonly reason?: AccessReason;
  readonly reasonDefaulted?: boolean;
  readonly texts?: Partial<Record<TextKind, string>>;
}

/** What decided a refusal that no policy was asked for. */
const RULE_OF_REFUSAL: Readonly<Partial<Record<ErrorCode, string>>> = {
  PV1007: 'no-capability',
  PV9009: 'foreign-tenant',
  PV9024: 'admin-is-built-in',
  PV9065: 'restricted-by-claims',
  PV9066: 'no-trusted-role',
  PV9088: 'no-hook-of-the-key',
};

/** The entries of one authenticated request: the first is the decision, a later one says what became of it. */
export class Access {
  readonly #log: AccessLog;
  readonly #occasion: Occasion;
  readonly #known: { -readonly [Name in keyof Particulars]: Particulars[Name] };
  #first: number | null = null;
  /** What settled it so far: the capability, then the policies. */
  #rule: string | undefined;
  #touches: { readonly collection: string; readonly touches: readonly RecordedTouch[] } | null | undefined;
  /** An entry says already that the request was refused or failed. */
  #refused = false;

  constructor(log: AccessLog, occasion: Occasion, known: Particulars) {
    this.#log = log;
    this.#occasion = occasion;
    this.#known = { ...known };
  }

  get remoteAddress(): string | null {
    return this.#occasion.remoteAddress;
  }

  /** Index of the first entry; null while there is none. */
  get recordedAt(): number | null {
    return this.#first;
  }

  /** Adds to what the entries say from now on. */
  learn(more: Partial<Particulars>): void {
    Object.assign(this.#known, more);
  }

  /** What was decided; an entry without a rule of its own says this one, and the first entry says what was decided on. */
  decided({ rule, on }: Decided): void {
    this.#rule = rule;
    if (on === undefined) return;
    const earlier = this.#touches;
    if (earlier === undefined) this.#touches = on;
    // An entry names one collection: decisions about two cannot be repeated from it, and it does not pretend they could.
    else if (earlier?.collection !== on.collection) this.#touches = null;
    else this.#touches = { ...on, touches: [...earlier.touches, ...on.touches] };
  }

  /** Appends an entry; durable when it resolves. Throws a 503 where that is not possible. */
  async record(facts: Facts): Promise<void> {
    if (this.#known.principal === NOBODY) return;
    const index = await this.#log.append(this.#draft(facts));
    this.#first ??= index;
    if (facts.outcome === 'denied' || facts.outcome === 'failed') this.#refused = true;
  }

  /**
   * Records a refusal or failure unless an entry says so already, and returns the error to answer: the same one, or PV9017
   * where it could not be recorded. The answer must wait for this.
   */
  async fail(error: unknown): Promise<VaultError> {
    const fault = asVaultError(error);
    // Where the log just refused an entry, a second attempt would only make the caller wait twice.
    if (this.#refused || fault.code === 'PV9017') return fault;
    this.#refused = true;
    const denied = this.#first === null && fault.status === 403;
    try {
      const rule = denied ? RULE_OF_REFUSAL[fault.code] : undefined;
      await this.record({ outcome: denied ? 'denied' : 'failed', errorCode: fault.code, rule });
      return fault;
    } catch (broken) {
      if (fault.status === 503) return fault;
      return new VaultError(
        'PV9017',
        {},
        `${fault.code} was not recorded: ${asVaultError(broken).detail ?? ''}`,
      );
    }
  }

  #draft(facts: Facts): EntryDraft {
    const { principal, iamVersion, ...known } = this.#known;
    const { caller } = principal;
    const collection = facts.collection ?? known.collection;
    // What was decided on stands in the first entry; the others refer to it.
    const touches = this.#first === null && this.#touches?.collection === collection ? this.#touches : null;
    return {
      time: new Date().toISOString(),
      request_id: this.#occasion.requestId,
      caller_request_id: this.#occasion.callerRequestId ?? undefined,
      user: principal.user,
      role: principal.role,
      key_id: principal.keyId ?? undefined,
      issuer: principal.jwt?.issuer,
      subject: principal.jwt?.subject,
      delegation: delegationOf(principal),
      action: principal.action,
      operation: this.#occasion.operation,
      collection,
      objects: facts.objects ?? known.objects,
      tokens: facts.tokens,
      asked: facts.asked,
      revealed: facts.revealed,
      touches: touches?.touches,
      reason: known.reason,
      reason_defaulted: known.reasonDefaulted,
      outcome: facts.outcome,
      rule: facts.rule ?? this.#rule,
      admin_reads: caller.kind === 'admin' && caller.mayReadData ? true : undefined,
      iam_version: iamVersion,
      tenants: known.tenants,
      remote_addr: this.#occasion.remoteAddress ?? undefined,
      error_code: facts.errorCode ?? (facts.outcome === 'denied' ? 'PV1006' : undefined),
      refers: this.#first ?? undefined,
      count: facts.count,
      erased: facts.erased,
      range: facts.range,
      texts: known.texts,
    };
  }
}

function delegationOf({ delegation }: Principal): EntryDraft['delegation'] {
  if (!delegation) return undefined;
  const { issuer, subject, trustedRole: trusted_role } = delegation;
  return { issuer, subject, trusted_role };
}

/**
 * What was thrown, as an error of the closed list. A fault of ours becomes PV1000 with the names and places of the errors for the
 * operator and without their messages: those may quote values.
 */
export function asVaultError(error: unknown): VaultError {
  if (error instanceof VaultError) return error;
  // What it names was deleted at the same time, or somebody just named what it deletes.
  if (error instanceof ReferenceViolation) return new VaultError('PV3218');
  return new VaultError('PV1000', {}, placesOf(error), { cause: error });
}

function placesOf(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${typeof error}`;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const cause = error.cause === undefined ? '' : `\ncaused by ${placesOf(error.cause)}`;
  return `${error.name}\n${frames.join('\n')}${cause}`;
}
