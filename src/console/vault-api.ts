import type { components } from '../generated/api.js';

type Schemas = components['schemas'];
export type AuditEntry = Schemas['AuditEntry'];
export type AuditCount = Schemas['AuditCount'];
export type AuditQuery = Partial<Schemas['AuditQuery']>;

export const EXPORT_FORMATS = ['jsonl', 'ocsf', 'ecs', 'cef'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const BASE = '/api/coatcheck/1.0/audit';

/** The vault refused or could not be reached; the message is a sentence for the person in front of the screen. */
export class ApiError extends Error {
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The access log over HTTP, for one credential, which lives in this object and nowhere else. `onExpired` is told when the vault does not take it any more. All
 * methods throw {@link ApiError}.
 */
export class VaultApi {
  readonly #credential: string;
  readonly #onExpired: () => void;

  constructor(credential: string, onExpired: () => void) {
    this.#credential = credential;
    this.#onExpired = onExpired;
  }

  status(): Promise<Schemas['AuditStatus']> {
    return this.#json('status');
  }

  /** A page of entries. The filters go in the body: some of them are about persons. */
  query(query: AuditQuery): Promise<Schemas['AuditPage']> {
    return this.#json('query', { method: 'POST', body: JSON.stringify(query) });
  }

  counts(
    by: Schemas['AuditCountedBy'],
    filters: Readonly<Record<string, string>>,
  ): Promise<Schemas['AuditCounts']> {
    return this.#json(`counts?${new URLSearchParams({ by, ...filters })}`);
  }

  keys(): Promise<Schemas['LogKeys']> {
    return this.#json('keys');
  }

  async checkpoint(): Promise<string> {
    return (await this.#send('checkpoint')).text();
  }

  inclusion(index: number): Promise<Schemas['InclusionProof']> {
    return this.#json(`proof/inclusion?index=${index}`);
  }

  async consistency(from: number, to: number): Promise<readonly string[]> {
    const { proof } = await this.#json<Schemas['ConsistencyProof']>(
      `proof/consistency?from=${from}&to=${to}`,
    );
    return proof;
  }

  /** The log from a position on, up to so many entries; where either is empty, from the beginning and to the end. The browser keeps what is large on disk. */
  async export(format: ExportFormat, { from, limit }: { from: string; limit: string }): Promise<Blob> {
    const query = new URLSearchParams({
      format,
      ...(from !== '' && { from }),
      ...(limit !== '' && { limit }),
    });
    return (await this.#send(`export?${query}`)).blob();
  }

  async #json<T>(target: string, init: RequestInit = {}): Promise<T> {
    const response = await this.#send(target, init);
    try {
      return (await response.json()) as T;
    } catch {
      throw new ApiError(response.status, 'The vault gave an answer that cannot be read.');
    }
  }

  async #send(target: string, init: RequestInit = {}): Promise<Response> {
    const headers = this.#headers(init.body !== undefined);
    let response: Response;
    try {
      response = await fetch(`${BASE}/${target}`, {
        ...init,
        headers,
        credentials: 'omit',
        redirect: 'error',
      });
    } catch {
      throw new ApiError(0, 'The vault cannot be reached.');
    }
    if (response.ok) return response;
    if (response.status === 401) this.#onExpired();
    throw new ApiError(response.status, await sentenceOf(response));
  }

  #headers(hasBody: boolean): Headers {
    try {
      const headers = new Headers({ Authorization: `Bearer ${this.#credential}` });
      if (hasBody) headers.set('Content-Type', 'application/json');
      return headers;
    } catch {
      // A header holds no line break and no character beyond Latin 1, and neither does any key.
      throw new ApiError(401, 'That is neither an API key nor a JWT.');
    }
  }
}

async function sentenceOf(response: Response): Promise<string> {
  const { status } = response;
  if (status === 401) return 'The vault does not accept this key.';
  if (status === 403) return 'This key may not read the access log: its role lacks CapAuditReader.';
  if (status === 429) return 'Too many requests. Wait a moment and try again.';
  try {
    const error = (await response.json()) as Partial<Schemas['HTTPError']>;
    const { field } = (error.context ?? {}) as Record<string, unknown>;
    const where = typeof field === 'string' ? ` (${field})` : '';
    if (typeof error.message === 'string') return `${error.message}${where}`;
  } catch {
    // Whatever stands between here and the vault answered; it has no sentence of ours.
  }
  return `The vault answered ${status}.`;
}
