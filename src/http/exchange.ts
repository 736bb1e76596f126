import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { ipKeyGenerator } from 'express-rate-limit';
import type { Request, Response } from 'express';
import type { Access } from '../operations/access.js';
import type { Principal } from '../operations/call.js';
import type { ErrorCode } from '../errors.js';
import type { AccessReason } from '../policy/reasons.js';
import type { Metadata } from '../store/metadata.js';
import type { Route } from './router.js';

/** Addresses of one network count as one caller: whoever has an IPv6 address has at least 2^64 of them. */
const IPV6_PREFIX = 56;
const PRINTABLE = /^[\x20-\x7e]{1,256}$/;

/**
 * One request on its way through the guards. Each field without a value here is set by the guard of that name, and the order of the guards
 * in app.ts is what makes it safe to read.
 */
export class Exchange {
  readonly req: Request;
  readonly res: Response;
  readonly requestId = randomUUID();
  readonly callerRequestId: string | null;
  readonly startedAt = new Date();
  readonly #started = performance.now();
  #source: string | undefined;

  /** find-operation */
  route!: Route;
  /** authenticate; the access is there exactly when somebody was authenticated. */
  metadata!: Metadata;
  principal!: Principal;
  access: Access | undefined;
  /** read-body */
  contentType: string | null = null;
  rawBody: Buffer | null = null;
  body: unknown;
  /** read-parameters */
  query: Record<string, unknown> = {};
  tenants: readonly string[] = [];
  transParam: string | null = null;
  /** check-reason */
  reason: AccessReason | null = null;
  reasonDefaulted = false;
  adhocReason: string | null = null;
  customAudit: string | null = null;
  /** read-idempotency-key */
  idempotency: { readonly key: string; readonly request: Buffer } | null = null;

  /** It was answered as failed while it was still being worked on: what has not begun does not begin any more. */
  abandoned = false;

  /** Nobody looked at it: there were too many, or the server stops. */
  turnedAway = false;

  /** What was answered, for the request log. */
  errorCode: ErrorCode | null = null;
  /** Why a credential was refused, in constant words, for the request log. */
  refusal: string | null = null;

  constructor(req: Request, res: Response) {
    this.req = req;
    this.res = res;
    const given = req.headers['x-pvault-request-id'];
    this.callerRequestId = typeof given === 'string' && PRINTABLE.test(given) ? given : null;
    (res.locals as { exchange?: Exchange }).exchange = this;
  }

  /** The exchange that Express hands around with the answer. */
  static of(res: Response): Exchange {
    return (res.locals as { exchange: Exchange }).exchange;
  }

  /** The caller's address as the configured number of proxies tells it; null where that is no address. */
  get address(): string | null {
    const address = this.req.ip?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
    return isIP(address) === 0 ? null : address;
  }

  /** What failures of one caller are counted under: the IPv4 address, or the IPv6 network. */
  get source(): string {
    if (this.#source === undefined) {
      const { address } = this;
      this.#source = address === null ? 'unknown' : ipKeyGenerator(address, IPV6_PREFIX);
    }
    return this.#source;
  }

  /** Milliseconds since the request arrived. */
  get elapsed(): number {
    return performance.now() - this.#started;
  }
}

/** Something that must be true before an operation runs. It throws a VaultError where it is not. */
export type Guard = (exchange: Exchange) => void | Promise<void>;
