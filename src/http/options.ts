import type { Logger } from 'winston';
import type { OperationId } from '../generated/contract.js';
import type { Operation } from '../operations/operation.js';
import type { Vault } from '../operations/vault.js';
import type { ConsoleFiles } from './console.js';
import type { Siblings } from './siblings.js';

/** The operations there are; one that is missing answers 501. */
export type Operations = { readonly [Id in OperationId]?: Operation<Id> };

/** Requests a minute; 0 switches a limit off. */
export interface RateLimits {
  readonly perAddress: number;
  readonly perClient: number;
}

/** What the HTTP side needs of the rest. */
export interface HttpOptions {
  readonly vault: Vault;
  readonly operations: Operations;
  /** The operator's log: one line per request, and faults. */
  readonly log: Logger;
  /** The text of openapi.yaml, for `/openapi.yaml` and `/docs`. */
  readonly openapi: string;
  /** Whether those two are served. */
  readonly servesDocs: boolean;
  /** The console for auditors; null: it is not served. */
  readonly consoleFiles: ConsoleFiles | null;
  /** Answers only for Host localhost, 127.0.0.1 and [::1], and never locks anybody out for long. */
  readonly development: boolean;
  /** Served over TLS, here or by the proxy in front: browsers are told to insist on it. */
  readonly secure: boolean;
  /** Whether the keys of identity providers may be fetched. */
  readonly fetchIdpKeys: boolean;
  /** Origins that may call from a browser; empty: none, `*`: all. */
  readonly allowOrigins: readonly string[];
  /** How many proxies stand in front; their X-Forwarded-For is believed, and not one more. */
  readonly trustedProxies: number;
  readonly recordRemoteAddress: boolean;
  readonly rateLimits: RateLimits;
  readonly mostInFlight: number;
  /** How late the event loop may usually be before fewer requests may be under way; 0: that does not count. */
  readonly longestLoopDelayMs: number;
  /** The processes that serve the same address; null: none. */
  readonly siblings: Siblings | null;
  /** Bearer token of `/metrics`; null: only callers on this machine. */
  readonly metricsToken: string | null;
}
