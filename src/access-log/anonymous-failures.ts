import { randomUUID } from 'node:crypto';
import type { AccessLog } from './writer.js';

const WINDOW_MS = 10_000;
/** Sources counted by themselves in one window; the rest share one entry, so that a flood cannot fill disk or memory. */
const MOST_SOURCES = 1_000;
const OTHERS = '';

interface Count {
  readonly since: Date;
  count: number;
}

/**
 * Callers who could not be authenticated: one entry per source, error and ten seconds says how many there were
 * (architecture.md D7). Everything behind authentication is recorded one by one.
 */
export class AnonymousFailures {
  readonly #log: AccessLog;
  readonly #recordAddress: boolean;
  readonly #onLost: (error: unknown) => void;
  #counts = new Map<string, Count>();
  #timer: NodeJS.Timeout | undefined;

  /** `onLost` hears of entries that could not be written; they are tried again with the next window. */
  constructor(log: AccessLog, recordAddress: boolean, onLost: (error: unknown) => void) {
    this.#log = log;
    this.#recordAddress = recordAddress;
    this.#onLost = onLost;
  }

  /** Counts one failure. A source is an IPv4 address or an IPv6 network. */
  count(source: string, errorCode: string): void {
    this.#add(`${errorCode} ${source}`, errorCode, { since: new Date(), count: 1 });
  }

  /** Writes what was counted; resolves when it is durable or given back for the next window. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const counts = this.#counts;
    this.#counts = new Map();
    await Promise.all([...counts].map(([name, count]) => this.#write(name, count)));
  }

  async #write(name: string, count: Count): Promise<void> {
    const [errorCode = '', source] = name.split(' ');
    try {
      await this.#log.append({
        time: count.since.toISOString(),
        request_id: randomUUID(),
        user: '',
        role: '',
        operation: 'authenticate',
        outcome: 'denied',
        // Nothing was decided by a version.
        iam_version: 0,
        remote_addr: this.#recordAddress && source !== OTHERS ? source : undefined,
        error_code: errorCode,
        count: count.count,
      });
    } catch (error) {
      this.#onLost(error);
      this.#add(name, errorCode, count);
    }
  }

  #add(name: string, errorCode: string, { since, count }: Count): void {
    const known = this.#counts.has(name) || this.#counts.size < MOST_SOURCES;
    const place = known ? name : `${errorCode} ${OTHERS}`;
    const earlier = this.#counts.get(place);
    if (earlier) earlier.count += count;
    else this.#counts.set(place, { since, count });
    this.#timer ??= setTimeout(() => void this.flush(), WINDOW_MS).unref();
  }
}
