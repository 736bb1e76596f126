import type { Attempt, Lease, MetricsSnapshot, SharedLimit } from '../http/siblings.js';
import type { Findings } from '../startup/findings.js';

/** What a worker is. */
export interface Place {
  /** From 1 on; one that is replaced hands its number on. The first does what is done once for all. */
  readonly number: number;
  readonly databaseUrl: string;
  /** What the checks found last; null: none was made yet. */
  readonly findings: Findings | null;
}

/** What a worker tells all the others. */
export type News =
  | { readonly topic: 'attempt'; readonly attempt: Attempt }
  | { readonly topic: 'findings'; readonly findings: Findings };

/** A question has a number, which its answer repeats. */
interface Numbered {
  readonly id: number;
}

export type FromWorker =
  | { readonly kind: 'awake' }
  | { readonly kind: 'ready'; readonly url: string }
  /** It cannot start; the message is for the operator. */
  | { readonly kind: 'failed'; readonly message: string }
  | ({ readonly kind: 'lease'; readonly limit: SharedLimit; readonly key: string } & Numbered)
  | ({ readonly kind: 'gather' } & Numbered)
  | ({ readonly kind: 'refresh' } & Numbered)
  | ({ readonly kind: 'reply'; readonly metrics: MetricsSnapshot } & Numbered)
  | { readonly kind: 'news'; readonly news: News };

export type ToWorker =
  | { readonly kind: 'begin'; readonly place: Place }
  | ({ readonly kind: 'answer'; readonly answer?: Lease | readonly MetricsSnapshot[] } & Numbered)
  /** To be replied to: with the metrics, once nothing is believed any more that the database was not asked about, or at once. */
  | ({ readonly kind: 'snapshot' | 'refresh' | 'pulse' } & Numbered)
  | { readonly kind: 'news'; readonly news: News };
