import type { JsonValue } from '../data-types/data-type.js';
import { VaultError } from '../errors.js';
import { LIMITS } from './limits.js';
import { Thread } from './thread.js';

/** What a bundle is to the sandbox. */
export interface Code {
  readonly name: string;
  readonly code: string;
}

type Reply =
  { readonly ok: true; readonly json: string | null } | { readonly ok: false; readonly fault: string };

/**
 * Where the pure functions of bundles run: QuickJS in a thread that is ended when it does not answer. The caller waits, blocking, because
 * values are read and shown by plain functions; a request's {@link Session} limits how long. The thread starts when first needed.
 */
export class Sandbox {
  #thread: Thread | undefined;
  #sessions = 0;

  /** Loads a bundle once and returns what it exports, unchecked. Throws PV9052 where loading fails and PV9053 where it takes too long. */
  inspect(code: string): unknown {
    this.getReady();
    const json = this.ask({ kind: 'inspect', code, limitMs: LIMITS.loadMs }, LIMITS.loadMs);
    return json === null ? null : JSON.parse(json);
  }

  /** The calls of one request: what its functions leave behind in their realms is gone when it ends. */
  session(): Session {
    this.#sessions += 1;
    return new Session(this, this.#sessions);
  }

  /** For sessions: waits for a thread that can be asked. That it has to start is no bundle's fault and not counted against one. */
  getReady(): void {
    if (!this.#thread || this.#thread.dead) this.#thread = new Thread();
    this.#thread.waitUntilReady();
  }

  /** For sessions: posts a job to the thread and returns the JSON it answers. */
  ask(job: object, limitMs: number): string | null {
    const reply = this.#thread!.ask<Reply>(job, limitMs + LIMITS.graceMs);
    if (reply?.ok) return reply.json;
    throw new VaultError(reply?.fault === 'failed' ? 'PV9052' : 'PV9053');
  }

  /** For sessions: drops the realms of one. */
  forget(session: number): void {
    if (this.#thread && !this.#thread.dead) this.#thread.port.postMessage({ kind: 'end', session });
  }

  close(): void {
    this.#thread?.end();
    this.#thread = undefined;
  }
}

/** The bundle functions that one request calls. A bundle is loaded once for all of them. */
export class Session {
  readonly #sandbox: Sandbox;
  readonly #id: number;
  #used = false;
  #leftMs: number = LIMITS.requestMs;

  constructor(sandbox: Sandbox, id: number) {
    this.#sandbox = sandbox;
    this.#id = id;
  }

  /**
   * Calls a function of a bundle. `now` is the time it may see; null: none. Returns undefined where its result is not JSON. Throws PV9052 where it
   * throws, PV9053 where it, or the request with all its calls, takes too long. Neither says more.
   */
  call(bundle: Code, name: string, args: readonly unknown[], now: Date | null): JsonValue | null | undefined {
    if (this.#leftMs <= 0) throw new VaultError('PV9053');
    this.#used = true;
    const job = {
      kind: 'call',
      session: this.#id,
      bundle: bundle.name,
      code: bundle.code,
      loadMs: LIMITS.loadMs,
      limitMs: LIMITS.callMs,
      name,
      args: JSON.stringify(args),
      now: now && now.getTime(),
    };
    this.#sandbox.getReady();
    const startedAt = performance.now();
    try {
      const json = this.#sandbox.ask(job, LIMITS.loadMs + LIMITS.callMs);
      return json === null ? undefined : (JSON.parse(json) as JsonValue | null);
    } finally {
      this.#leftMs -= performance.now() - startedAt;
    }
  }

  end(): void {
    if (this.#used) this.#sandbox.forget(this.#id);
  }
}
