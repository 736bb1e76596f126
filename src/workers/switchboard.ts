import type { Worker } from 'node:cluster';
import type { MetricsSnapshot, SharedLimit } from '../http/siblings.js';
import type { Findings } from '../startup/findings.js';
import { GatheredMetrics } from './gathered-metrics.js';
import { inTime } from './in-time.js';
import type { FromWorker, News, Place, ToWorker } from './messages.js';
import { SharedLimits } from './shared-limits.js';

/** A worker that is too busy to hear of a change hears of it from the database, in five seconds at most. */
const LONGEST_REFRESH_MS = 1_000;

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
  /** The workers that serve, with what they were asked. */
  readonly #serving = new Map<Worker, Map<number, (reply: MetricsSnapshot) => void>>();
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
        case 'refresh':
          return void this.#refresh(worker, message.id);
        case 'reply':
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

  /** Resolves when a worker that serves answers; never where it does not. */
  async pulse(worker: Worker): Promise<void> {
    await this.#ask(worker, 'pulse');
  }

  async #gather(asking: Worker, id: number): Promise<void> {
    const all = [...this.#serving.keys()];
    const answer = await this.#metrics.gather(all, (worker) => this.#ask(worker, 'snapshot'));
    send(asking, { kind: 'answer', id, answer });
  }

  async #refresh(asking: Worker, id: number): Promise<void> {
    const others = [...this.#serving.keys()].filter((worker) => worker !== asking);
    await Promise.all(others.map((worker) => inTime(this.#ask(worker, 'refresh'), LONGEST_REFRESH_MS)));
    send(asking, { kind: 'answer', id });
  }

  /** Never resolves for a worker that ends meanwhile. */
  #ask(worker: Worker, kind: 'snapshot' | 'refresh' | 'pulse'): Promise<MetricsSnapshot> {
    const id = ++this.#asked;
    const waiting = this.#serving.get(worker);
    return new Promise((resolve) => {
      waiting?.set(id, (reply) => {
        waiting.delete(id);
        resolve(reply);
      });
      send(worker, { kind, id });
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
