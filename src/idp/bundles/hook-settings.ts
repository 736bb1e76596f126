/** What a hook is told by its platform's secrets. */
export interface HookSettings {
  /** The vault's address, without a slash at its end. */
  readonly url: string;
  readonly apiKey: string;
  /** The claim that the token goes into; undefined: the one that the vault names. */
  readonly claim: string | undefined;
  /** The same for the token of what the user is in an organization. */
  readonly organizationClaim: string | undefined;
  readonly mode: 'delegated' | 'direct';
  /** What becomes of a login when the vault cannot be asked. A refresh always goes on. */
  readonly onError: 'skip' | 'deny';
  readonly direct: DirectSettings;
}

/** What only direct mode needs. */
export interface DirectSettings {
  readonly linkSecret: string | undefined;
  readonly collection: string;
  /** Where an attribute stands -> its property. Null: the vault's schema says which names it takes. */
  readonly map: ReadonlyMap<string, string> | null;
  readonly tokenSeconds: number;
}

/** A secret that is missing or wrong; its message names the setting and never quotes it. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Reads the secrets. Throws {@link SettingsError}. */
export function readHookSettings(secrets: Readonly<Record<string, string | undefined>>): HookSettings {
  const { COATCHECK_MODE: mode = 'delegated', COATCHECK_ON_ERROR: onError = 'skip' } = secrets;
  if (mode !== 'delegated' && mode !== 'direct')
    throw new SettingsError('COATCHECK_MODE is neither delegated nor direct');
  if (onError !== 'skip' && onError !== 'deny')
    throw new SettingsError('COATCHECK_ON_ERROR is neither skip nor deny');
  if (mode === 'direct' && !secrets.COATCHECK_LINK_SECRET)
    throw new SettingsError('COATCHECK_LINK_SECRET is missing');
  return {
    url: addressOf(secrets.COATCHECK_URL),
    apiKey: secrets.COATCHECK_API_KEY || missing('COATCHECK_API_KEY'),
    claim: secrets.COATCHECK_CLAIM || undefined,
    organizationClaim: secrets.COATCHECK_ORG_CLAIM || undefined,
    mode,
    onError,
    direct: {
      linkSecret: secrets.COATCHECK_LINK_SECRET,
      collection: secrets.COATCHECK_COLLECTION || 'users',
      map: readMap(secrets.COATCHECK_MAP),
      tokenSeconds: Number(secrets.COATCHECK_TOKEN_SECONDS) || 24 * 3600 + 60,
    },
  };
}

/** TLS, or this machine: everything else would carry personal data in the clear. */
function addressOf(text: string | undefined): string {
  const url = text || missing('COATCHECK_URL');
  if (!/^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$))/.test(url) || !URL.canParse(url))
    throw new SettingsError('COATCHECK_URL is not an https URL');
  return url.replace(/\/+$/, '');
}

function readMap(text: string | undefined): ReadonlyMap<string, string> | null {
  if (!text) return null;
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, string>));
  } catch {
    throw new SettingsError('COATCHECK_MAP is not a JSON object');
  }
}

function missing(name: string): never {
  throw new SettingsError(`${name} is missing`);
}
