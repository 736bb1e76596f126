import type { Adapter } from '../adapter.js';
import type { Decision, LoginEvent } from '../event.js';
import type { Fields } from '../event-fields.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { reportEvent } from './delegated.js';
import { type Properties, type WebCrypto, loginDirectly, readProperties } from './direct.js';
import { type HookSettings, SettingsError } from './hook-settings.js';
import { VaultClient, VaultRefusal, VaultUnavailable } from './vault-client.js';

const PROPERTIES_KEPT_MS = 10 * 60_000;

/** What outlives one login where the platform keeps the process: the state of the breaker, and in direct mode the schema. */
export class Hook {
  readonly #adapter: Adapter;
  readonly #crypto: WebCrypto;
  readonly #breaker = new CircuitBreaker();
  #properties: { readonly known: Properties; readonly until: number } | undefined;

  constructor(adapter: Adapter, crypto: WebCrypto) {
    this.#adapter = adapter;
    this.#crypto = crypto;
  }

  /** One event of this name, given as the provider's adapter reads it. Throws what {@link explain} explains. */
  async report(settings: HookSettings, name: string, event: Fields, keepsLink = true): Promise<Decision> {
    const client = new VaultClient(settings, this.#breaker);
    if (settings.mode === 'delegated') return reportEvent(client, this.#adapter.id, name, event);

    const read = this.#adapter.events[name]!.read(event) as LoginEvent;
    return loginDirectly({
      client,
      settings: settings.direct,
      adapter: this.#adapter,
      event: read,
      properties: await this.#propertiesOf(client, settings),
      keepsLink,
      crypto: this.#crypto,
    });
  }

  async #propertiesOf(client: VaultClient, { direct }: HookSettings): Promise<Properties> {
    if (this.#properties === undefined || this.#properties.until < Date.now()) {
      const known = await readProperties(client, direct);
      this.#properties = { known, until: Date.now() + PROPERTIES_KEPT_MS };
    }
    return this.#properties.known;
  }
}

/** What may be logged of a failure at a provider: words of ours, never a message that could quote a value or a key. */
export function explain(error: unknown): string {
  const ours =
    error instanceof VaultUnavailable || error instanceof VaultRefusal || error instanceof SettingsError;
  return ours ? error.message : `an error in the hook (${error instanceof Error ? error.name : 'unknown'})`;
}

/** Warnings in one short line: codes, and places at the provider. */
export function summarize({ warnings }: Decision): string | null {
  if (warnings.length === 0) return null;
  const words = warnings.map(({ code, name }) => (name === undefined ? code : `${code} ${name}`));
  return `coatcheck: ${words.join(', ')}`.slice(0, 200);
}

/** Says a line where the platform keeps what its code prints; nothing for null. */
export function say(line: string | null): void {
  // eslint-disable-next-line no-console
  if (line !== null) console.log(line);
}

/** The claims of an access token, by name: whether the profile is complete, and the tokens of the user and of what they are in an organization; `fallback` names those that nobody did. */
export function claimsOf(
  { token, claim, organization, profile }: Decision,
  settings: HookSettings,
  fallback: { readonly claim?: string; readonly organizationClaim?: string } = {},
): { readonly claims: Readonly<Record<string, string | boolean>>; readonly unnamed: readonly string[] } {
  const wanted = [
    [
      'COATCHECK_ORG_CLAIM',
      settings.organizationClaim ?? organization?.claim ?? fallback.organizationClaim,
      organization?.token,
    ],
    ['COATCHECK_CLAIM', settings.claim ?? claim ?? fallback.claim, token],
  ] as const;
  // Where the hook's own setting calls a token so, nothing but a token is called so.
  const isFree = profile && wanted.every(([, name]) => name !== profile.claim);
  const claims: Record<string, string | boolean> = isFree ? { [profile.claim]: profile.complete } : {};
  const unnamed: string[] = [];
  for (const [setting, name, value] of wanted) {
    if (value === undefined) continue;
    if (name === undefined) unnamed.push(setting);
    else claims[name] = value;
  }
  return { claims, unnamed };
}
