import type { Worker } from 'node:cluster';
import type { MetricsSnapshot, SharedLimit } from '../http/siblings.js';
import type { Findings } from '../startup/findings.js';
import { GatheredMetrics } from './gathered-metrics.js';
import type { FromWorker, News, Place, ToWorker } from './messages.js';
import { SharedLimits } from './shared-limits.js';

/** What a worker says of itself. */
interface Told {
  /** It is awake: what it is to be. */
  begin(): Omit<Place, 'findings'>;
  ready(url: string): void;
  failed(message: string): void;
}

/** The primary's end of the lines to the workers: what they ask of it and tell each other. */
export class Switchboard {
  readonly #limits: SharedLimits;
  readonly #metrics = new GatheredMetrics<Worker>();
  /** The workers that serve, with the snapshots they were asked for. */
  readonly #serving = new Map<Worker, Map<number, (metrics: MetricsSnapshot) => void>>();
  #asked = 0;
  #findings: Findings | null = null;

  constructor(limits: Readonly<Record<SharedLimit, number>>, workers: number) {
    this.#limits = new SharedLimits(limits, workers);
  }

  /** Listens to a worker until it ends. */
  connect(worker: Worker, told: Told): void {
    worker.on('message', (message: FromWorker) => {
      switch (message.kind) {
        case 'awake':
          return send(worker, { kind: 'begin', place: { ...told.begin(), findings: this.#findings } });
        case 'ready':
          this.#serving.set(worker, new Map());
          return told.ready(message.url);
        case 'failed':
          return told.failed(message.message);
        case 'lease': {
          const { id, limit, key } = message;
          return send(worker, { kind: 'answer', id, answer: this.#limits.lease(limit, key) });
        }
        case 'gather':
          return void this.#gather(worker, message.id);
        case 'snapshot':
          return this.#serving.get(worker)?.get(message.id)?.(message.metrics);
        case 'news':
          return this.#pass(worker, message.news);
      }
    });
    worker.on('exit', () => {
      this.#serving.delete(worker);
      this.#metrics.remove(worker);
    });
  }

  async #gather(asking: Worker, id: number): Promise<void> {
    const answer = await this.#metrics.gather([...this.#serving.keys()], (worker) =>
      this.#snapshotOf(worker),
    );
    send(asking, { kind: 'answer', id, answer });
  }

  /** Never resolves for a worker that ends meanwhile. */
  #snapshotOf(worker: Worker): Promise<MetricsSnapshot> {
    const id = ++this.#asked;
    const waiting = this.#serving.get(worker);
    return new Promise((resolve) => {
      waiting?.set(id, (metrics) => {
        waiting.delete(id);
        resolve(metrics);
      });
      send(worker, { kind: 'snapshot', id });
    });
  }

  #pass(from: Worker, news: News): void {
    if (news.topic === 'findings') this.#findings = news.findings;
    for (const worker of this.#serving.keys()) if (worker !== from) send(worker, { kind: 'news', news });
  }
}

function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message);
}
