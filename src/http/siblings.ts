/** Limits on requests that hold for all processes of an instance together. */
export type SharedLimit = 'address' | 'client';

/** The part of a limit that one process may use up without asking again. */
export interface Lease {
  /** How many requests may pass; 0: the limit is reached. */
  readonly permits: number;
  /** How much of the limit is given out to all processes, these permits included. */
  readonly given: number;
  /** Milliseconds until the limit begins anew. */
  readonly resetMs: number;
}

/** A wrong key, or the right one after wrong ones, of a source. */
export interface Attempt {
  readonly source: string;
  readonly keyId: string | null;
  readonly failed: boolean;
}

/** The metrics of one process, in the form in which prom-client hands them over. */
export type MetricsSnapshot = readonly object[];

/** The other processes that serve the same address (docs/adr/0053). A process that serves alone has none. */
export interface Siblings {
  /** Some more of a limit for a key: an address, or a user. */
  lease(limit: SharedLimit, key: string): Promise<Lease>;
  /** The metrics of all processes there are, and of those there were what is counted up. */
  gatherMetrics(): Promise<MetricsSnapshot[]>;
  /** `read` is asked for the metrics of this process. */
  onMetricsAsked(read: () => Promise<MetricsSnapshot>): void;
  /** Resolves when none of the others goes by what held before any more, or has been asked for a second. */
  refreshOthers(): Promise<void>;
  /** Tells all the others. */
  tellAttempt(attempt: Attempt): void;
  onAttempt(hear: (attempt: Attempt) => void): void;
}
