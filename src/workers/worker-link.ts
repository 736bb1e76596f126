import type { Worker } from 'node:cluster';
import type { Attempt, Lease, MetricsSnapshot, SharedLimit, Siblings } from '../http/siblings.js';
import type { Findings } from '../startup/findings.js';
import type { FromWorker, News, Place, ToWorker } from './messages.js';

/** A worker's end of the line to the primary, through which it reaches its siblings. */
export class WorkerLink implements Siblings {
  readonly #worker: Worker;
  readonly #questions = new Map<number, (answer: never) => void>();
  readonly place: Promise<Place>;
  /** As its {@link place} says. */
  known: Findings | null = null;
  #begin: (place: Place) => void = () => undefined;
  #asked = 0;
  #readMetrics: () => Promise<MetricsSnapshot> = async () => [];
  #refresh: () => void = () => undefined;
  #hearAttempt: (attempt: Attempt) => void = () => undefined;
  #hearFindings: (findings: Findings) => void = () => undefined;

  /** `worker` is this process. */
  constructor(worker: Worker) {
    this.#worker = worker;
    this.place = new Promise((resolve) => (this.#begin = resolve));
    worker.on('message', (message: ToWorker) => this.#hear(message));
    // Where the line is cut in the middle of a message the process ends anyway.
    worker.on('error', () => undefined);
    this.#send({ kind: 'awake' });
  }

  ready(url: string): void {
    this.#send({ kind: 'ready', url });
  }

  failed(message: string): void {
    this.#send({ kind: 'failed', message });
  }

  lease(limit: SharedLimit, key: string): Promise<Lease> {
    return this.#ask((id) => ({ kind: 'lease', id, limit, key }));
  }

  gatherMetrics(): Promise<MetricsSnapshot[]> {
    return this.#ask((id) => ({ kind: 'gather', id }));
  }

  onMetricsAsked(read: () => Promise<MetricsSnapshot>): void {
    this.#readMetrics = read;
  }

  refreshOthers(): Promise<void> {
    return this.#ask((id) => ({ kind: 'refresh', id }));
  }

  /** `refresh` is called when another worker has changed something. */
  onRefresh(refresh: () => void): void {
    this.#refresh = refresh;
  }

  tellAttempt(attempt: Attempt): void {
    this.#tell({ topic: 'attempt', attempt });
  }

  onAttempt(hear: (attempt: Attempt) => void): void {
    this.#hearAttempt = hear;
  }

  tellFindings(findings: Findings): void {
    this.#tell({ topic: 'findings', findings });
  }

  onFindings(hear: (findings: Findings) => void): void {
    this.#hearFindings = hear;
  }

  #ask<Answer>(question: (id: number) => FromWorker): Promise<Answer> {
    const id = ++this.#asked;
    return new Promise((resolve) => {
      this.#questions.set(id, resolve);
      this.#send(question(id));
    });
  }

  #tell(news: News): void {
    this.#send({ kind: 'news', news });
  }

  #send(message: FromWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message);
  }

  #hear(message: ToWorker): void {
    switch (message.kind) {
      case 'begin':
        this.known = message.place.findings;
        return this.#begin(message.place);
      case 'answer':
        this.#questions.get(message.id)?.(message.answer as never);
        this.#questions.delete(message.id);
        return;
      case 'snapshot':
        // One that cannot be made is missing, as if the worker were too busy.
        this.#readMetrics().then(
          (metrics) => this.#send({ kind: 'reply', id: message.id, metrics }),
          () => undefined,
        );
        return;
      case 'pulse':
        return this.#send({ kind: 'reply', id: message.id, metrics: [] });
      case 'refresh':
        this.#refresh();
        return this.#send({ kind: 'reply', id: message.id, metrics: [] });
      case 'news':
        if (message.news.topic === 'attempt') this.#hearAttempt(message.news.attempt);
        else this.#hearFindings(message.news.findings);
    }
  }
}
