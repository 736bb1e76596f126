import { AggregatorRegistry, Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { VaultError } from '../errors.js';
import type { Vault } from '../operations/vault.js';
import type { Exchange } from './exchange.js';
import type { Lifecycle } from './lifecycle.js';
import type { Siblings } from './siblings.js';
import type { ShedCause } from './turned-away.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** The operation of a request that was turned away before it had one. */
const NO_OPERATION = 'none';

/** The database is away: a gauge that says nothing, while everything else keeps being told. */
const UNKNOWN = { queued: NaN, failed: NaN, oldestSeconds: NaN };

/** What Prometheus is told. Labels are names of operations and statuses, both closed lists. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered, by operation and status.',
    labelNames: ['operation', 'status'] as const,
    registers: [this.#registry],
  });
  readonly #durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to its answer.',
    labelNames: ['operation'] as const,
    buckets: SECONDS,
    registers: [this.#registry],
  });
  readonly #unrecorded = new Counter({
    name: 'access_log_append_failures_total',
    help: 'Requests answered 503 because the access could not be recorded.',
    registers: [this.#registry],
  });
  readonly #integrity = new Counter({
    name: 'integrity_failures_total',
    help: 'Requests that met stored data which does not pass its integrity check.',
    registers: [this.#registry],
  });
  readonly #disguised = new Counter({
    name: 'failures_answered_as_success_total',
    help: 'Failures that were answered as a success: the vault was away, and the login that it was asked about went on.',
    labelNames: ['operation', 'code'] as const,
    registers: [this.#registry],
  });
  readonly #undecryptable = new Counter({
    name: 'decryption_failures_total',
    help: 'Requests that brought a ciphertext which cannot be decrypted; many in a minute are somebody trying.',
    registers: [this.#registry],
  });

  readonly #shed = new Counter({
    name: 'http_requests_shed_total',
    help: 'Requests answered 503 unseen: too many were under way, or the server was stopping.',
    labelNames: ['cause'] as const,
    registers: [this.#registry],
  });
  readonly #siblings: Siblings | null;

  constructor(
    lifecycle: Lifecycle,
    { alarms, writeBack }: Pick<Vault, 'alarms' | 'writeBack'>,
    siblings: Siblings | null,
  ) {
    this.#siblings = siblings;
    siblings?.onMetricsAsked(() => this.#registry.getMetricsAsJSON());
    new Gauge({
      name: 'workers',
      help: 'Processes that serve the address together and were there to be asked.',
      registers: [this.#registry],
    }).set(1);
    new Gauge({
      name: 'http_requests_in_flight',
      help: 'Requests that are being worked on.',
      registers: [this.#registry],
      collect() {
        this.set(lifecycle.inFlight);
      },
    });
    new Gauge({
      name: 'http_requests_in_flight_limit',
      help: 'Requests that may be worked on at once; less than the setting while the event loop is late.',
      registers: [this.#registry],
      collect() {
        this.set(lifecycle.limit.current);
      },
    });
    new Gauge({
      name: 'integrity_problems',
      help: 'Problems that checks of the access log and its witnesses found and nothing has put right since.',
      // All processes of an instance know of the same ones.
      aggregator: 'max',
      registers: [this.#registry],
      collect() {
        this.set(alarms.problems.length);
      },
    });
    this.#showWriteBack(writeBack);
    // Memory, CPU, garbage collection and the delay of the event loop.
    collectDefaultMetrics({ register: this.#registry });
  }

  #showWriteBack(queue: Vault['writeBack']): void {
    const registers = [this.#registry];
    // The queue is one, whoever looks.
    const aggregator = 'first';
    new Gauge({
      name: 'idp_write_back_jobs',
      help: 'Changes at identity providers that wait, and that were given up.',
      labelNames: ['state'] as const,
      aggregator,
      registers,
      async collect() {
        const { queued, failed } = await queue.counts().catch(() => UNKNOWN);
        this.set({ state: 'queued' }, queued);
        this.set({ state: 'failed' }, failed);
      },
    });
    new Gauge({
      name: 'idp_write_back_oldest_seconds',
      help: 'Age of the oldest change that waits to be made at an identity provider.',
      aggregator,
      registers,
      async collect() {
        this.set((await queue.counts().catch(() => UNKNOWN)).oldestSeconds);
      },
    });
    const counted = (name: string, help: string, total: () => number): void => {
      new Counter({
        ...{ name, help, registers },
        collect() {
          this.reset();
          this.inc(total());
        },
      });
    };
    counted(
      'idp_write_back_done_total',
      'Changes at identity providers that this instance made.',
      () => queue.totals.done,
    );
    counted(
      'idp_write_back_failed_total',
      'Changes at identity providers that this instance gave up.',
      () => queue.totals.failed,
    );
  }

  /** Counts a finished request. */
  count(exchange: Exchange): void {
    const route = exchange.route as Exchange['route'] | undefined;
    const operation = route?.operation.operationId ?? NO_OPERATION;
    const { writableFinished, statusCode } = exchange.res;
    this.#requests.inc({ operation, status: writableFinished ? statusCode : 'aborted' });
    this.#durations.observe({ operation }, exchange.elapsed / 1_000);
  }

  /** Counts a request that nobody looked at. */
  countShed(cause: ShedCause): void {
    this.#shed.inc({ cause });
  }

  /** Counts the errors an operator wants to be woken for. */
  countError({ code }: VaultError): void {
    if (code === 'PV9017') this.#unrecorded.inc();
    if (code === 'PV9010') this.#integrity.inc();
    if (code === 'PV9047') this.#undecryptable.inc();
  }

  /** Counts a failure whose status does not show it. */
  countFailureAnswered(operation: string, { code }: VaultError): void {
    this.#disguised.inc({ operation, code });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything in Prometheus' text format, of all processes that serve the address together: one scrape reaches only one of them. */
  async text(): Promise<string> {
    if (this.#siblings === null) return this.#registry.metrics();
    return AggregatorRegistry.aggregate([...(await this.#siblings.gatherMetrics())]).metrics();
  }
}
