import { VaultError } from '../../errors.js';
import { adapterOf } from '../../idp/adapters/index.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { Call, VerifiedSubject } from '../call.js';
import type { Operation } from '../operation.js';
import { hookOf } from './hook-of.js';
import { logIn } from './log-in.js';
import { oauthError } from './oauth-error.js';

/** RFC 8693. */
const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:';
const SUBJECT_TYPES: ReadonlySet<string> = new Set(
  ['access_token', 'id_token', 'jwt'].map((name) => TOKEN_TYPE + name),
);
/** Ours: a token of the vault, which no resource server takes. */
const PII_TOKEN = 'urn:coatcheck:token-type:pii-token';
/** What would narrow the token down, or name somebody else: none is ignored, since the answer would then be more than was asked for. */
const UNSUPPORTED = ['audience', 'resource', 'scope', 'actor_token', 'actor_token_type'] as const;

type ExchangeCall = Call<'exchangeSubjectToken'>;

export const exchangeSubjectToken: Operation<'exchangeSubjectToken'> = {
  id: 'exchangeSubjectToken',

  async run(call, vault) {
    const adapter = adapterOf(call.path.provider);
    if (!adapter) throw new VaultError('PV9086');
    refuseOtherExchanges(call);

    const verified = await verifySubject(call);
    const hook = hookOf(call, (each) => each.exchangeIdp === verified.idpName);
    const event = adapter.readToken(verified.claims);
    if (event.issuer !== undefined && event.issuer !== hook.issuer) throw new VaultError('PV9088');

    const seconds = lifetimeOf(hook, verified, call.startedAt);
    const { token, organization } = await logIn(
      call,
      vault,
      adapter,
      // Who exchanges wants tokens and nothing else.
      { ...hook, tokenSeconds: seconds, profile: undefined },
      event,
    );
    if (token === undefined) throw new VaultError('PV9102');
    return {
      access_token: token,
      issued_token_type: PII_TOKEN,
      token_type: 'N_A' as const,
      expires_in: seconds,
      ...(organization && { organization_token: organization.token }),
    };
  },

  presentFailure: oauthError,
};

/** Throws PV9104 naming the first parameter that asks for something else than there is. */
function refuseOtherExchanges({ body }: ExchangeCall): void {
  const { grant_type, subject_token_type, requested_token_type } = body;
  if (grant_type !== GRANT) throw new VaultError('PV9104', { field: 'grant_type' });
  if (!SUBJECT_TYPES.has(subject_token_type)) throw new VaultError('PV9104', { field: 'subject_token_type' });
  if (requested_token_type !== undefined && requested_token_type !== PII_TOKEN)
    throw new VaultError('PV9104', { field: 'requested_token_type' });
  const field = UNSUPPORTED.find((name) => ![undefined, null, ''].includes(body[name] as string));
  if (field !== undefined) throw new VaultError('PV9104', { field });
}

/** Why a token is refused is for the operator's log: whoever asks may be trying out keys. */
async function verifySubject(call: ExchangeCall): Promise<VerifiedSubject> {
  try {
    return await call.verifySubject(call.body.subject_token);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'PV1005')
      throw new VaultError('PV9103', {}, error.detail);
    throw error;
  }
}

/** As long as the hook's tokens live, but not longer than the token that it is had for. */
function lifetimeOf({ tokenSeconds }: IdpHook, { claims }: VerifiedSubject, now: Date): number {
  const left = Math.floor((claims.exp as number) - now.getTime() / 1000);
  return Math.max(1, Math.min(tokenSeconds, left));
}
