import { createHash, randomBytes } from 'node:crypto';

/** Where a browser logs in, and for which client. */
export interface LoginPlace {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

/** How the provider let it go: with an access token, or with the error that its client is told. */
export type Outcome =
  { readonly accessToken: string } | { readonly error: string; readonly description: string | null };

const MOST_PAGES = 10;

/**
 * Logs in as somebody with a browser would: authorization code flow with PKCE, following the provider's redirects and sending its form, with cookies that nobody has afterwards. Then
 * redeems the code as the client does.
 */
export async function logIn(place: LoginPlace, email: string): Promise<Outcome> {
  const verifier = randomBytes(32).toString('base64url');
  const answered = await authorize(place, email, createHash('sha256').update(verifier).digest('base64url'));
  const code = answered.get('code');
  if (code === null) {
    return { error: answered.get('error') ?? 'none', description: answered.get('error_description') };
  }
  const response = await fetch(`${place.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: place.clientId,
      redirect_uri: place.redirectUri,
      code_verifier: verifier,
      code,
    }),
  });
  const body = (await response.json()) as { access_token?: string; error?: string };
  if (body.access_token !== undefined) return { accessToken: body.access_token };
  return { error: body.error ?? String(response.status), description: null };
}

/** What the provider hands to the client's redirect URI. */
async function authorize(place: LoginPlace, email: string, challenge: string): Promise<URLSearchParams> {
  const { issuer, clientId, redirectUri } = place;
  const cookies = new Map<string, string>();
  const query = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid api',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  let url = `${issuer}/auth?${query.toString()}`;
  let form: URLSearchParams | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const response: Response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: form }),
    });
    await response.arrayBuffer();
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      cookies.set(name!, value!);
    }
    const location = response.headers.get('location');
    if (location?.startsWith(redirectUri)) return new URL(location).searchParams;
    // A page is the form of the login, and is answered where it came from.
    form = location === null ? new URLSearchParams({ email }) : null;
    if (location !== null) url = new URL(location, issuer).href;
  }
  throw new Error('the login did not end');
}
