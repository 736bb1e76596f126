import { VaultError } from '../../../errors.js';
import type { PasswordEvent } from '../../../idp/event.js';
import type { IdpHook } from '../../../policy/idp-hooks.js';
import type { Call } from '../../call.js';
import type { Vault } from '../../vault.js';
import { namedHookOf, ofIssuer } from '../hook-of.js';
import { subjectOf } from '../subject-of.js';
import { askService } from './ask-service.js';
import { type TurnEnd, brakesOf } from './brakes.js';
import { askingHook, openServiceSecret } from './service-secret.js';

/**
 * Whether a password is right, as the hook's password service says; nothing but its clear yes is one. Neither name nor password is stored or recorded: entries name the login by an id
 * that only this vault can compute. Throws PV9119, with a detail for the operator, where the service says neither yes nor no.
 */
export async function checkPassword(
  call: Call<'receiveIdpEvent'>,
  vault: Vault,
  event: PasswordEvent,
): Promise<boolean> {
  const [name, hook] = namedHookOf(call, ofIssuer(event.issuer));
  const login = loginId(vault, hook, event.username);
  const asking = askingHook(name, hook);
  if (!asking) throw unanswered('the hook has no check_passwords_at');
  const target = targetOf(vault, asking.url);
  const secret = await openServiceSecret(vault, asking);
  if (secret === null) throw unanswered('the hook has no secret for it');

  const facts = { objects: [login] };
  const turn = brakesOf(vault, asking.url).take(login);
  if (turn === 'too-many-guesses') {
    await call.record({ ...facts, outcome: 'denied', errorCode: 'PV9016', rule: turn });
    return false;
  }
  if (turn === 'left-alone') throw unanswered('it is away, or asked too much already, and is left alone');
  let end: TurnEnd = 'no-answer';
  try {
    await call.record({ ...facts, outcome: 'allowed', rule: `sent-to:${target.destination.base}` });
    const { verdict, problem, isUp } = await askService(vault, target, secret, event);
    if (isUp) end = verdict === true ? 'right' : 'wrong';
    if (verdict === null) throw unanswered(problem);
    await call.record({ ...facts, outcome: 'allowed', rule: verdict ? 'verified' : 'unverified' });
    return verdict;
  } finally {
    turn.end(end);
  }
}

/** Spellings that Okta or the service may take for one login are one here: another case, spaces, characters that are not seen. */
function loginId({ keyring }: Vault, hook: IdpHook, username: string): string {
  const folded = username
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{Cf}]+/gu, '');
  return keyring.lookup.linkedObjectId(subjectOf(hook, `login:${folded}`));
}

function targetOf(vault: Vault, url: string): ReturnType<Vault['outbound']['target']> {
  try {
    return vault.outbound.target(url, false);
  } catch {
    throw unanswered('its address is not in service.allowed_http_destinations');
  }
}

/** `problem` is of ours: no word of the service's, of the login's or of the password's. */
function unanswered(problem: string): VaultError {
  return new VaultError('PV9119', {}, `password service: ${problem}`);
}
