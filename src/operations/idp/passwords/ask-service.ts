import type { PasswordEvent } from '../../../idp/event.js';
import type { OutboundAnswer } from '../../../outbound/outbound.js';
import type { Target } from '../../../outbound/destinations.js';
import type { Vault } from '../../vault.js';

/** What a password service said. */
export interface ServiceAnswer {
  /** Null: neither yes nor no. */
  readonly verdict: boolean | null;
  /** Why there is no verdict, in words of ours. */
  readonly problem: string;
  /** False: it is away, or wants to be left alone. */
  readonly isUp: boolean;
}

/** Half a second less than Okta's answer may take, for what the vault does before and after. */
const TIMEOUT_MS = 2_000;
const LARGEST_ANSWER = 16 * 1024;

/** Asks whether a password is right. Never throws: whatever happens is no yes. */
export async function askService(
  { outbound }: Pick<Vault, 'outbound'>,
  target: Target,
  secret: string,
  { username, password }: Pick<PasswordEvent, 'username' | 'password'>,
): Promise<ServiceAnswer> {
  try {
    const answer = await outbound.send(
      target,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          authorization: `Bearer ${secret}`,
        },
        body: JSON.stringify({ login: username, password }),
      },
      { timeoutMs: TIMEOUT_MS, largestAnswer: LARGEST_ANSWER },
    );
    return readAnswer(answer);
  } catch {
    return { verdict: null, problem: 'it gave no usable answer in time', isUp: false };
  }
}

/**
 * `{"verified": true}` with status 200 is a yes, the same with false a no. A profile, a redirect or an empty 200 is neither: an address that answers everybody must not let everybody in. An
 * error that one login can cause (500) is not taken for a service that is away, or it would keep the others out.
 */
function readAnswer({ status, body }: Pick<OutboundAnswer, 'status' | 'body'>): ServiceAnswer {
  const isUp = status !== 429 && !(status >= 502 && status <= 504);
  if (status !== 200) return { verdict: null, problem: `it answered ${status}`, isUp };
  const verdict = verifiedIn(body);
  return { verdict, problem: 'its answer does not say whether the password is verified', isUp };
}

function verifiedIn(body: string): boolean | null {
  try {
    const said: unknown = JSON.parse(body);
    if (typeof said !== 'object' || said === null || !Object.hasOwn(said, 'verified')) return null;
    const { verified } = said as { readonly verified: unknown };
    return typeof verified === 'boolean' ? verified : null;
  } catch {
    return null;
  }
}
