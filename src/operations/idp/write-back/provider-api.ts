import type { ProviderRequest, WriteBack } from '../../../idp/write-back.js';
import type { OutboundAnswer } from '../../../outbound/outbound.js';
import type { Vault } from '../../vault.js';
import { askForToken, bodyOf, tokenRequest } from './ask-for-token.js';
import { type WritingHook, openCredential } from './credential.js';
import type { ProofKey } from './proofs.js';

const LONGEST_WAIT_SECONDS = 3600;
const DEFAULT_WAIT_SECONDS = 30;
/** A token is not used in its last minute. */
const SPARE_MS = 60_000;

/** The provider wants to be left alone for a while. */
export class ComeBackLater extends Error {
  override readonly name = 'ComeBackLater';
  readonly seconds: number;

  constructor(seconds: number) {
    super('the provider asks to come back later');
    this.seconds = seconds;
  }
}

interface Session {
  /** With its scheme. */
  readonly authorization: string;
  /** Of a token that is bound to a key: what makes the proof that goes with each request. */
  readonly proof: ((method: string, url: string) => string) | null;
  /** Told what the next proof must hold. */
  readonly proofs: ProofKey | null;
  readonly mark: string;
  readonly until: number;
}

/**
 * The management APIs of providers, through the vault's only way out. Keeps access tokens as long as they last, and leaves a provider alone that said so, for all of its
 * jobs. What a provider answers is never repeated in an error.
 */
export class ProviderApi {
  readonly #vault: Vault;
  readonly #sessions = new Map<string, Session>();
  readonly #pauses = new Map<string, number>();

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Sends a request as the hook's client; null for a 404. Throws {@link ComeBackLater}, PV9112, PV9060, PV9061, and PV9113 for any other answer than a good one. */
  async send(hook: WritingHook, api: WriteBack, request: ProviderRequest): Promise<unknown> {
    this.#checkPause(hook);
    const known = this.#sessions.get(hook.name);
    const session = await this.#sessionOf(hook, api);
    let answer = await this.#sendAs(hook, session, request);
    const nonce = answer.headers['dpop-nonce'];
    if (answer.status === 401 && session.proofs && nonce !== undefined) {
      session.proofs.nonces.api = nonce;
      answer = await this.#sendAs(hook, session, request);
    }
    if (answer.status === 401) this.#sessions.delete(hook.name);
    // A token that was kept may have been revoked; one that was just made was not.
    if (answer.status === 401 && session === known)
      answer = await this.#sendAs(hook, await this.#sessionOf(hook, api), request);
    return answer.status === 404 ? null : bodyOf(answer);
  }

  async #sendAs(
    hook: WritingHook,
    { authorization, proof }: Session,
    request: ProviderRequest,
  ): Promise<OutboundAnswer> {
    const dpop = proof?.(request.method, `${hook.base}${request.path}`);
    const headers = { ...request.headers, authorization, ...(dpop !== undefined && { dpop }) };
    return this.#request(hook, { ...request, headers });
  }

  async #sessionOf(hook: WritingHook, api: WriteBack): Promise<Session> {
    const { credential, mark } = await openCredential(this.#vault, hook);
    const known = this.#sessions.get(hook.name);
    if (known?.mark === mark && known.until > Date.now()) return known;

    const asking = tokenRequest(api, hook.base, credential);
    if (typeof asking === 'object') return { ...asking, proof: null, proofs: null, mark, until: 0 };
    const url = credential.tokenUrl ?? `${hook.base}${asking().path}`;
    const { token, proofs, seconds } = await askForToken(api, asking, url, (request) =>
      this.#request(hook, request, url),
    );
    const session: Session = {
      authorization: `${proofs ? 'DPoP' : 'Bearer'} ${token}`,
      proof: proofs && ((method, target) => proofs.proof(method, target, proofs.nonces.api, token)),
      ...{ proofs, mark, until: Date.now() + seconds * 1000 - SPARE_MS },
    };
    this.#sessions.set(hook.name, session);
    return session;
  }

  async #request(
    hook: WritingHook,
    { method, path, headers, body }: ProviderRequest,
    url = `${hook.base}${path}`,
  ): Promise<OutboundAnswer> {
    const { outbound } = this.#vault;
    const answer = await outbound.send(outbound.target(url, false), {
      method,
      headers,
      body,
    });
    if (answer.status === 429 || (answer.status === 503 && answer.headers['retry-after'] !== undefined)) {
      const seconds = secondsIn(answer);
      this.#pauses.set(hook.name, Date.now() + seconds * 1000);
      throw new ComeBackLater(seconds);
    }
    return answer;
  }

  #checkPause({ name }: WritingHook): void {
    const left = (this.#pauses.get(name) ?? 0) - Date.now();
    if (left > 0) throw new ComeBackLater(Math.ceil(left / 1000));
    this.#pauses.delete(name);
  }
}

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), or when the window ends as Auth0 and Okta say it, in seconds since 1970. */
function secondsIn({ headers }: OutboundAnswer): number {
  const after = headers['retry-after'] ?? '';
  const reset = Number(headers['x-ratelimit-reset'] ?? headers['x-rate-limit-reset'] ?? NaN);
  const seconds = /^\d+$/.test(after)
    ? Number(after)
    : ((Number.isNaN(Date.parse(after)) ? reset * 1000 : Date.parse(after)) - Date.now()) / 1000;
  const known = Number.isFinite(seconds) ? Math.ceil(seconds) : DEFAULT_WAIT_SECONDS;
  return Math.min(Math.max(known, 1), LONGEST_WAIT_SECONDS);
}
