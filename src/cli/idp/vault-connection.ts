import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { components } from '../../generated/api.js';
import { isLoopback } from '../../http/loopback.js';
import { CommandError } from '../terminal.js';

export type ImportResult = components['schemas']['IdpImportResult'];
export type RestoreResult = components['schemas']['IdpRestoreResult'];
export type UserToRestore = components['schemas']['IdpRestoreUser'];
export type HookDescription = components['schemas']['IdpHookDescription'];

type HttpError = components['schemas']['HTTPError'];

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** For so long a vault that is away is asked again. */
const PATIENCE_MS = 10 * 60_000;
const TIMEOUT_MS = 60_000;
const REASON = 'reason=AppFunctionality';

/** An answer of the vault that is an error; its message says what the vault says, which quotes nothing. */
export class VaultAnswer extends CommandError {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(`The vault answers ${status}${code === '' ? '' : ` ${code}`}: ${message}`);
    this.status = status;
    this.code = code;
  }
}

/** Where the vault is, and by which key. Throws {@link CommandError} where a setting is missing, or would send keys in the clear. */
export function vaultSettings(
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly url?: string | undefined; readonly keyFile?: string | undefined },
): { readonly url: string; readonly apiKey: string } {
  const url = options.url ?? env.COATCHECK_URL;
  if (!url) throw new CommandError('--url or COATCHECK_URL must say where the vault is.');
  if (!URL.canParse(url)) throw new CommandError('The address of the vault is no URL.');
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname)))
    throw new CommandError('The address of the vault must be https, or http on this machine.');
  const apiKey = options.keyFile === undefined ? env.COATCHECK_API_KEY : readKey(options.keyFile);
  if (!apiKey) throw new CommandError('COATCHECK_API_KEY or --key-file must say the API key.');
  return { url: url.replace(/\/+$/, ''), apiKey };
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new CommandError(`Cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
  }
}

/** The vault as these commands speak to it. What may pass is asked again, for minutes. */
export class VaultConnection {
  readonly #url: string;
  readonly #apiKey: string;
  readonly #stopped: AbortSignal;
  readonly #onRetry: (problem: string) => void;

  constructor(
    { url, apiKey }: { readonly url: string; readonly apiKey: string },
    stopped: AbortSignal,
    onRetry: (problem: string) => void,
  ) {
    this.#url = url;
    this.#apiKey = apiKey;
    this.#stopped = stopped;
    this.#onRetry = onRetry;
  }

  /** What the key may report, and what the vault does with it. */
  async hook(provider: string, issuer: string): Promise<HookDescription> {
    const query = `issuer=${encodeURIComponent(issuer)}&${REASON}`;
    return (await this.#send('GET', `/idp/${encodeURIComponent(provider)}/hook?${query}`)) as HookDescription;
  }

  /**
   * Takes a page of users in: one result per user. Where the vault cannot read the page or it is too large for it, halves of it are sent, so that one user fails and
   * no other. Throws {@link VaultAnswer} for an answer that will not change by itself.
   */
  async importUsers(
    source: { readonly provider: string; readonly event: string },
    users: readonly object[],
    how: { readonly dryRun: boolean; readonly writeBack: boolean },
  ): Promise<readonly ImportResult[]> {
    const query = `dry_run=${String(how.dryRun)}&write_back=${String(how.writeBack)}&${REASON}`;
    const path = `/idp/${encodeURIComponent(source.provider)}/${source.event}/import?${query}`;
    const none = { write: {}, scrub: [], stored: [], warnings: [] };
    return this.#sendPage(path, users, (error) => ({ outcome: 'failed', ...none, error }));
  }

  /** Has values of a page of users put back at the provider: one result per user, as with {@link importUsers}. */
  async restoreUsers(
    {
      provider,
      issuer,
      dryRun,
    }: { readonly provider: string; readonly issuer: string; readonly dryRun: boolean },
    users: readonly UserToRestore[],
  ): Promise<readonly RestoreResult[]> {
    const query = `issuer=${encodeURIComponent(issuer)}&dry_run=${String(dryRun)}&${REASON}`;
    const path = `/idp/${encodeURIComponent(provider)}/hook/restore?${query}`;
    return this.#sendPage(path, users, (error) => ({ outcome: 'failed', places: [], left: [], error }));
  }

  async #sendPage<Result>(
    path: string,
    users: readonly object[],
    failed: (error: HttpError) => Result,
  ): Promise<readonly Result[]> {
    try {
      const { results } = (await this.#send('POST', path, users)) as { results: Result[] };
      if (!Array.isArray(results) || results.length !== users.length)
        throw new CommandError('Something else than the vault answered.');
      return results;
    } catch (error) {
      if (!(error instanceof VaultAnswer) || ![400, 413].includes(error.status)) throw error;
      if (users.length === 1) return [failed({ error_code: error.code, message: '', context: {} })];
    }
    const middle = users.length >> 1;
    const before = await this.#sendPage(path, users.slice(0, middle), failed);
    return [...before, ...(await this.#sendPage(path, users.slice(middle), failed))];
  }

  async #send(method: string, path: string, body?: unknown): Promise<unknown> {
    const until = Date.now() + PATIENCE_MS;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      const answer = await this.#attempt(method, path, body);
      if ('body' in answer) return answer.body;
      const pause = answer.waitMs ?? wait * (0.5 + Math.random() / 2);
      if (this.#stopped.aborted) throw new CommandError('Stopped.');
      if (Date.now() + pause > until) throw new CommandError(`The vault is away (${answer.problem}).`);
      this.#onRetry(answer.problem);
      await sleep(pause, null, { signal: this.#stopped }).catch(() => undefined);
    }
  }

  async #attempt(
    method: string,
    path: string,
    body: unknown,
  ): Promise<{ readonly body: unknown } | { readonly problem: string; readonly waitMs?: number }> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.#url}/api/coatcheck/1.0${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#apiKey}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // The key and the data are for this address and no other.
        redirect: 'error',
        signal: AbortSignal.any([this.#stopped, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      text = await response.text();
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
      return { problem: typeof code === 'string' ? code : (error as Error).name };
    }
    if (response.ok) return { body: parsed(text) };
    if (response.status < 500 && response.status !== 429) throw answerOf(response.status, text);
    if (
      response.status !== 503 &&
      response.status !== 429 &&
      response.status !== 502 &&
      response.status !== 504
    )
      throw answerOf(response.status, text);
    const seconds = Number(response.headers.get('retry-after') ?? NaN);
    return {
      problem: `status ${response.status}`,
      ...(seconds >= 0 && { waitMs: Math.min(seconds, 600) * 1000 }),
    };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CommandError('Something else than the vault answered.');
  }
}

function answerOf(status: number, text: string): VaultAnswer {
  try {
    const { error_code: code, message } = JSON.parse(text) as { error_code?: unknown; message?: unknown };
    if (typeof code === 'string' && typeof message === 'string')
      return new VaultAnswer(status, code, message);
  } catch {
    // Not the vault's.
  }
  return new VaultAnswer(status, '', 'it is not an answer of a vault.');
}
