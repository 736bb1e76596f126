type Json = Record<string, unknown>;

/** What Hydra sends to a token hook: its Session and its Request, as its source writes them, with values of our own. */
export function tokenHook(
  subject: string,
  {
    extra = {},
    ext = {},
    grant = 'authorization_code',
    client = 'web',
    iss = 'https://auth.example.com/',
  }: { extra?: Json; ext?: Json; grant?: string; client?: string; iss?: string } = {},
): Json {
  return {
    session: {
      id_token: {
        id_token_claims: {
          ...{
            jti: '',
            iss,
            sub: subject,
            aud: [client],
            nonce: '',
            at_hash: '',
            acr: '',
            amr: null,
            c_hash: '',
          },
          ext,
        },
        headers: { extra: {} },
        username: '',
        subject,
      },
      extra,
      client_id: client,
      consent_challenge: '',
      exclude_not_before_claim: false,
      allowed_top_level_claims: [],
    },
    request: {
      client_id: client,
      granted_scopes: ['openid', 'offline'],
      granted_audience: [],
      grant_types: [grant],
      payload: {},
    },
  };
}

/** What the guide's template makes of a flow in Kratos. */
export function kratosFlow(id: string, traits: Json, more: Json = {}): Json {
  const value = traits.email;
  return {
    identity: {
      id,
      traits,
      ...(value !== undefined && {
        verifiable_addresses: [{ value, verified: false }],
        recovery_addresses: [{ value }],
      }),
      ...more,
    },
  };
}
