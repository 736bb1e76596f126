import { webcrypto } from 'node:crypto';
import { oidc } from '../adapters/oidc.js';
import { LINK_KEY } from '../event.js';
import { Hook, claimsOf, explain, summarize } from './hook.js';
import { readHookSettings } from './hook-settings.js';

/** What an OpenID provider's own code gives the hook. */
export interface OidcHookOptions {
  /** COATCHECK_URL, COATCHECK_API_KEY and so on: `process.env` will do. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** The provider's issuer, as in its tokens. */
  readonly issuer: string;
  /** The user as the provider has them: claims, and the object id where it keeps one. `token` is the one that is being made: it may say for which organization. */
  load(subject: string, token: object): Promise<OidcUser | undefined>;
  /** One update of the user: keep `link` (null: forget it; undefined: leave it), remove the claims named. */
  save(
    subject: string,
    change: { readonly link?: string | null; readonly remove: readonly string[] },
  ): Promise<void>;
  /** What to throw to refuse a login where COATCHECK_ON_ERROR is `deny`. */
  refuse?(): Error;
  log?(line: string): void;
}

export interface OidcUser {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly link?: string | undefined;
  /** The id of the organization that the user logs in to. */
  readonly organization?: string;
  readonly connection?: {
    readonly name?: string;
    readonly kind?: 'database' | 'social' | 'enterprise' | 'legacy';
  };
}

/** The members of oidc-provider's context and token that are read. */
interface TokenContext {
  readonly oidc?: { readonly params?: { readonly grant_type?: unknown } };
}
interface IssuedToken {
  readonly kind: string;
  readonly accountId?: string;
  readonly clientId?: string;
}

/**
 * The hook for any OpenID provider that can run a function when it makes an access token, in the form of oidc-provider's `extraTokenClaims`. It
 * moves the user's personal data into the vault, has the provider forget it, and returns the claims. A refresh is never refused.
 */
export function createOidcHook(options: OidcHookOptions): {
  extraTokenClaims(
    context: TokenContext,
    token: IssuedToken,
  ): Promise<Record<string, string | boolean> | undefined>;
} {
  const settings = readHookSettings(options.settings);
  // What the vault names is for providers whose settings cannot.
  const named = { ...settings, claim: settings.claim ?? 'pii_token' };
  const hook = new Hook(oidc, webcrypto);
  const log = options.log ?? (() => undefined);

  return {
    async extraTokenClaims(context, token) {
      const { kind, accountId, clientId } = token;
      if (kind !== 'AccessToken' || accountId === undefined) return undefined;
      try {
        const user = await options.load(accountId, token);
        if (user === undefined) return undefined;
        const { claims, link, connection, organization } = user;
        const event = {
          ...{ iss: options.issuer, sub: accountId, client_id: clientId, claims, link, connection },
          ...(organization !== undefined && { organization: { id: organization } }),
        };
        const decision = await hook.report(settings, 'login', event);

        const remove = decision.scrub.flatMap((path) => (path.startsWith('claims.') ? [path.slice(7)] : []));
        const written = decision.write[LINK_KEY];
        if (remove.length > 0 || written !== undefined)
          await options.save(accountId, { remove, ...(written !== undefined && { link: written }) });
        const summary = summarize(decision);
        if (summary !== null) log(summary);
        const { claims: made } = claimsOf(decision, named, { organizationClaim: 'pii_org_token' });
        return Object.keys(made).length > 0 ? { ...made } : undefined;
      } catch (error) {
        log(`coatcheck: access token without a PII token: ${explain(error)}`);
        const isRefresh = context.oidc?.params?.grant_type === 'refresh_token';
        if (settings.onError === 'deny' && !isRefresh)
          throw options.refuse?.() ?? new Error('pii_vault_unavailable');
        return undefined;
      }
    },
  };
}
