import type { CircuitBreaker } from './circuit-breaker.js';
import type { HookSettings } from './hook-settings.js';

/** The user is waiting. */
const BUDGET_MS = 1_500;
/** Less than this left is no time for another attempt. */
const LEAST_FOR_RETRY_MS = 700;

/** Why the vault could not be asked: words of ours, so that what a platform logs of it quotes nothing. */
export class VaultUnavailable extends Error {
  override readonly name = 'VaultUnavailable';
}

/** An answer that is not 200. `property` is named by the vault where one value was refused. */
export class VaultRefusal extends Error {
  override readonly name = 'VaultRefusal';
  readonly status: number;
  readonly property: string | undefined;

  constructor(status: number, property?: string) {
    super(`the vault answered ${status}`);
    this.status = status;
    this.property = property;
  }
}

/** Requests of one login: they share its budget of time. */
export class VaultClient {
  readonly #settings: Pick<HookSettings, 'url' | 'apiKey'>;
  readonly #breaker: CircuitBreaker;
  readonly #until = Date.now() + BUDGET_MS;

  constructor(settings: Pick<HookSettings, 'url' | 'apiKey'>, breaker: CircuitBreaker) {
    this.#settings = settings;
    this.#breaker = breaker;
  }

  /**
   * One request; asked once more where nothing was reached or the vault was busy, as long as there is time. Throws {@link VaultRefusal} for an answer that
   * says no and {@link VaultUnavailable} for none.
   */
  async send(method: string, path: string, body?: unknown): Promise<unknown> {
    if (!this.#breaker.allows()) throw new VaultUnavailable('the vault was not asked, it has been down');
    try {
      const answer = await this.#attempt(method, path, body).catch((error: unknown) => {
        const again = error instanceof Busy && this.#until - Date.now() > LEAST_FOR_RETRY_MS;
        if (!again) throw error;
        return this.#attempt(method, path, body);
      });
      this.#breaker.succeeded();
      return answer;
    } catch (error) {
      if (error instanceof VaultRefusal) this.#breaker.succeeded();
      else this.#breaker.failed();
      throw error;
    }
  }

  async #attempt(method: string, path: string, body: unknown): Promise<unknown> {
    const signal = AbortSignal.timeout(Math.max(1, this.#until - Date.now()));
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#settings.url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#settings.apiKey}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // The key and the data are for this address and no other.
        redirect: 'error',
        signal,
      });
      text = await response.text();
    } catch (error) {
      if (signal.aborted || (error as Error).name === 'TimeoutError')
        throw new VaultUnavailable('the vault did not answer in time');
      throw new Busy('the vault was not reached');
    }
    if (response.status === 503) throw new Busy('the vault answered 503');
    if (response.status >= 500) throw new VaultUnavailable(`the vault answered ${response.status}`);
    if (response.status !== 200) throw new VaultRefusal(response.status, propertyIn(text));
    return parse(text);
  }
}

/** Worth another attempt. */
class Busy extends VaultUnavailable {}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    throw new VaultUnavailable('something else than the vault answered');
  }
}

function propertyIn(text: string): string | undefined {
  try {
    const { context } = JSON.parse(text) as { context?: { property?: unknown } };
    return typeof context?.property === 'string' ? context.property : undefined;
  } catch {
    return undefined;
  }
}
