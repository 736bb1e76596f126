import { LINK_ATTRIBUTE } from '../adapters/cognito.js';
import { type Decision, LINK_KEY } from '../event.js';
import type { CognitoSdk, PreTokenEvent } from './cognito-types.js';
import { say } from './hook.js';

/** For all changes of one user: Cognito gives the function five seconds, of which the vault may have taken most of two. */
const BUDGET_MS = 2_000;
const PLACE = /^userAttributes\.(.+)$/;

/** The attributes that an answer says to remove, as far as the event showed them. */
export function removableIn({ request }: PreTokenEvent, { scrub }: Decision): string[] {
  return scrub
    .map((path) => PLACE.exec(path)?.[1] ?? '')
    .filter((name) => Object.hasOwn(request.userAttributes, name));
}

/**
 * Keeps the object id and removes what the vault has taken. The id goes first and nothing is removed where it cannot be kept: Cognito has no update that does both. What fails is
 * said in one line and made up for by the next login.
 */
export async function carryOut(
  event: PreTokenEvent,
  decision: Decision,
  loadSdk: () => CognitoSdk,
): Promise<void> {
  const link = decision.write[LINK_KEY];
  const removed = removableIn(event, decision);
  if (link === undefined && removed.length === 0) return;
  try {
    const sdk = loadSdk();
    const client = new sdk.CognitoIdentityProviderClient({ maxAttempts: 1 });
    const whose = { UserPoolId: event.userPoolId, Username: event.userName };
    const abortSignal = AbortSignal.timeout(BUDGET_MS);
    const remove = (names: string[]): Promise<unknown> =>
      client.send(new sdk.AdminDeleteUserAttributesCommand({ ...whose, UserAttributeNames: names }), {
        abortSignal,
      });

    if (typeof link === 'string') {
      const UserAttributes = [{ Name: LINK_ATTRIBUTE, Value: link }];
      await client.send(new sdk.AdminUpdateUserAttributesCommand({ ...whose, UserAttributes }), {
        abortSignal,
      });
    } else if (link === null) await remove([LINK_ATTRIBUTE]);
    if (removed.length > 0) await removeAll(removed, remove);
  } catch (error) {
    say(`coatcheck: the user pool was not changed: ${nameOf(error)}`);
  }
}

/** One that the pool requires cannot be removed and would keep the others: then each goes by itself. */
async function removeAll(names: string[], remove: (names: string[]) => Promise<unknown>): Promise<void> {
  try {
    await remove(names);
  } catch (error) {
    if (names.length === 1 || nameOf(error) !== 'InvalidParameterException') throw error;
    const each = await Promise.allSettled(names.map((name) => remove([name])));
    const stayed = names.filter((_, i) => each[i]!.status === 'rejected');
    say(`coatcheck: cannot be removed from the user pool: ${stayed.join(', ')}`.slice(0, 200));
  }
}

/** A message of Amazon's may quote a value; the name of its exception does not. */
function nameOf(error: unknown): string {
  const { name } = error as { name?: unknown };
  return typeof name === 'string' && /^\w{1,60}$/.test(name) ? name : 'a fault';
}
