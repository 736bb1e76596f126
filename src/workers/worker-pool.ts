import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'winston';
import { OperatorError } from '../errors.js';
import type { SharedLimit } from '../http/siblings.js';
import { watchPulse } from './pulse.js';
import { Restarts } from './restarts.js';
import { Switchboard } from './switchboard.js';
import { closeUndelivered } from './undelivered.js';

/** Longer than a worker takes to drain, flush and close. */
const LONGEST_STOP_MS = 20_000;

/**
 * The C library keeps what each thread of a process has freed in arenas of its own, up to eight for each core: some 20 MB for nothing. It reads this when a process starts, so it
 * is set for those that are started here; whoever starts the vault may have set another.
 */
const ENVIRONMENT = { MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '2' };

/** The workers cannot be kept alive. */
export class WorkerError extends OperatorError {
  override readonly name = 'WorkerError';
}

export interface PoolOptions {
  readonly size: number;
  readonly databaseUrl: string;
  /** Requests a minute; 0: no limit. */
  readonly limits: Readonly<Record<SharedLimit, number>>;
  readonly log: Logger;
  /** Between two questions to each worker whether it lives. */
  readonly pulseEveryMs?: number;
}

/** A process that serves, from its start to its end. */
interface Member {
  readonly worker: Worker;
  readonly number: number;
  readonly startedAt: number;
  ready: boolean;
  /** Stops watching whether it lives. */
  leave?: () => void;
  /** Why it could not start, in its own words. */
  failure?: string;
}

/** The processes that serve: starts them, replaces those that die, ends them. They share one listening socket, which is the primary's. */
export class WorkerPool {
  /** Rejects when the workers cannot be kept alive; never resolves. */
  readonly lost: Promise<never>;
  readonly #options: PoolOptions;
  readonly #members = new Set<Member>();
  readonly #restarts = new Restarts();
  readonly #switchboard: Switchboard;
  readonly #waiting = new Set<NodeJS.Timeout>();
  #giveUp: (error: WorkerError) => void = () => undefined;
  #url: string | null = null;
  #complete: (() => void) | null = null;
  #stopping = false;
  #ended: () => void = () => undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#switchboard = new Switchboard(options.limits, options.size);
    this.lost = new Promise((_resolve, reject) => (this.#giveUp = reject));
    // Whoever waits for it hears of it; nobody may be waiting yet.
    this.lost.catch(() => undefined);
    // Messages keep what JSON has no word for.
    cluster.setupPrimary({ serialization: 'advanced' });
  }

  /** Starts all and resolves with the URL when each of them serves. Throws {@link WorkerError} with the message of the first that does not. */
  async start(): Promise<string> {
    const complete = new Promise<void>((resolve) => (this.#complete = resolve));
    for (let number = 1; number <= this.#options.size; number++) this.#fork(number);
    await Promise.race([complete, this.lost]);
    this.#complete = null;
    return this.#url!;
  }

  /** Has each worker drain and end, and waits for that; one that does not is killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#waiting) clearTimeout(timer);
    if (this.#members.size === 0) return;
    const ended = new Promise<void>((resolve) => (this.#ended = resolve));
    const killAll = (signal: NodeJS.Signals): void => {
      for (const { worker } of this.#members) worker.process.kill(signal);
    };
    killAll('SIGTERM');
    const impatient = setTimeout(() => killAll('SIGKILL'), LONGEST_STOP_MS);
    await ended;
    clearTimeout(impatient);
  }

  #fork(number: number): void {
    let worker: Worker;
    try {
      worker = cluster.fork(ENVIRONMENT);
    } catch (error) {
      // Where memory has run out there is no process whose end could be heard of.
      return this.#replace({ number, ready: false, startedAt: performance.now() }, codeOf(error));
    }
    const member: Member = { worker, number, startedAt: performance.now(), ready: false };
    this.#members.add(member);
    this.#switchboard.connect(worker, {
      begin: () => ({ number, databaseUrl: this.#options.databaseUrl }),
      ready: (url) => this.#serves(member, url),
      failed: (message) => (member.failure = message),
    });
    closeUndelivered(worker);
    worker.on('error', (error) => {
      // A process that could not be made has no end; a line that breaks is followed by it.
      if (worker.process.pid === undefined) this.#died(member, codeOf(error));
    });
    worker.on('exit', (code, signal) => this.#died(member, signal ?? `status ${code}`));
  }

  #serves(member: Member, url: string): void {
    member.ready = true;
    member.leave = watchPulse(
      () => this.#switchboard.pulse(member.worker),
      () => this.#kill(member),
      this.#options.pulseEveryMs,
    );
    this.#restarts.started();
    this.#url ??= url;
    // Port 0 is any free one: where all died at once the socket was closed, and the next one is another.
    if (url !== this.#url) this.#lose(`Workers now listen on ${url} instead of ${this.#url}.`);
    const { log, size } = this.#options;
    if (this.#complete === null) log.info('a worker serves', { worker: member.number });
    else if ([...this.#members].filter(({ ready }) => ready).length === size) this.#complete();
  }

  #kill({ worker, number }: Member): void {
    this.#options.log.error('a worker does not answer and is killed', {
      worker: number,
      pid: worker.process.pid,
    });
    worker.process.kill('SIGKILL');
  }

  #died(member: Member, how: string): void {
    if (!this.#members.delete(member)) return;
    member.leave?.();
    if (this.#stopping) {
      if (this.#members.size === 0) this.#ended();
      return;
    }
    this.#replace(member, how);
  }

  /** A process that ended, or could not be made at all, is followed by another, as long as that makes sense. */
  #replace(gone: Omit<Member, 'worker'> & { readonly worker?: Worker }, how: string): void {
    const { number, ready: wasReady, startedAt, failure } = gone;
    const why = failure ?? `A worker ended during its start, with ${how}.`;
    if (this.#complete !== null) return this.#lose(wasReady ? `A worker ended with ${how}.` : why);
    const wait = this.#restarts.died({ wasReady, livedMs: performance.now() - startedAt });
    if (wait === null) return this.#lose(`Workers do not start any more. ${why}`);
    const detail = failure === undefined ? {} : { detail: failure };
    const facts = { worker: number, pid: gone.worker?.process.pid, ended: how, ...detail };
    const level = how === 'status 0' ? 'info' : 'error';
    this.#options.log[level]('a worker ended and is replaced', { ...facts, in_ms: wait });
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      this.#fork(number);
    }, wait);
    this.#waiting.add(timer);
  }

  #lose(message: string): void {
    this.#giveUp(new WorkerError(message));
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'an unknown error';
}
