import { VaultError } from '../../errors.js';
import type { Adapter } from '../../idp/adapter.js';
import { type Decision, type IdpEvent, type LoginEvent, NOTHING_TO_DO } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { Call } from '../call.js';
import { EmptyAnswer, type Operation } from '../operation.js';
import type { Vault } from '../vault.js';
import { couldBeGranted } from '../../policy/could-be-granted.js';
import { eraseSubject } from './erase-subject.js';
import { adapterEvent, findAdapterEvent, hookOf, ofIssuer } from './hook-of.js';
import { leaveOrganization } from './leave-organization.js';
import { linkByEvent } from './link-subjects.js';
import { logIn } from './log-in.js';
import { checkPassword } from './passwords/check-password.js';
import { storeLogin } from './store-login.js';
import { tellStatus } from './tell-status.js';
import { unchangedAnswer } from './unchanged-answer.js';
import { unlinkByEvent } from './unlink-subject.js';

/** Clocks that differ by less are forgiven, and what was on its way for longer is not. */
const FARTHEST_MS = 5 * 60_000;

export const receiveIdpEvent: Operation<'receiveIdpEvent'> = {
  id: 'receiveIdpEvent',

  async run(call, vault) {
    const { adapter, event: kind } = adapterEvent(call);
    if (!call.principal.capabilities.has(kind.capability))
      throw new VaultError('PV1007', { username: call.principal.user });
    const event = kind.read(call.body);
    const hook = hookOf(call, ofIssuer(event.issuer));
    refuseStale(call, event);

    const decision = await decide(call, vault, adapter, hook, event);
    if (kind.answer === undefined) return decision;
    const answer = kind.answer.render(decision, call.body);
    return answer === null ? new EmptyAnswer() : { ...answer };
  },

  withinMs({ provider = '', event = '' }) {
    return findAdapterEvent(provider, event)?.answer?.withinMs;
  },

  presentFailure: unchangedAnswer,
};

async function decide(
  call: Call<'receiveIdpEvent'>,
  vault: Vault,
  adapter: Adapter,
  hook: IdpHook,
  event: IdpEvent,
): Promise<Decision> {
  switch (event.kind) {
    case 'login':
      return event.late
        ? update(call, vault, adapter, hook, event)
        : logIn(call, vault, adapter, hook, event);
    case 'link':
      return linkByEvent(call, vault, hook, {
        primary: event.subject,
        secondary: event.secondary,
        as: 'told',
      });
    case 'unlink':
      return unlinkByEvent(call, vault, hook, event);
    case 'status':
      await tellStatus(call, vault, hook, event.subject, event.status);
      return NOTHING_TO_DO;
    case 'password':
      return { ...NOTHING_TO_DO, verified: await checkPassword(call, vault, event) };
    case 'erasure':
      return eraseSubject(call, vault, hook, event);
    case 'leaving':
      return leaveOrganization(call, vault, hook, event);
    case 'batch':
      // One after the other: each counts against what may be erased in an hour. What is sent again finds the first of them done.
      for (const each of event.events) await decide(call, vault, adapter, hook, each);
      if (event.events.length === 0) await call.record({ outcome: 'allowed', rule: 'nothing-of-concern' });
      return NOTHING_TO_DO;
    case 'other':
      await call.record({ outcome: 'allowed', rule: 'nothing-of-concern' });
      return NOTHING_TO_DO;
  }
}

/** A user who was changed. A role that may store nothing was meant for other events: what the user has is then for the next login. */
async function update(
  call: Call<'receiveIdpEvent'>,
  vault: Vault,
  adapter: Adapter,
  hook: IdpHook,
  event: LoginEvent,
): Promise<Decision> {
  const { compiled } = call.metadata.iam;
  const could = (operation: 'write' | 'delete'): boolean =>
    couldBeGranted(compiled, call.principal.caller, operation, hook.collection);
  // That somebody is not suspended, as most are, is nothing to refuse; that somebody is must not get lost.
  if (event.status && (event.status.suspended || could('delete')))
    await tellStatus(call, vault, hook, event.subject, event.status);
  if (could('write')) return storeLogin(call, vault, adapter, hook, event);
  await call.record({ outcome: 'allowed', rule: 'nothing-of-concern' });
  return NOTHING_TO_DO;
}

function refuseStale({ startedAt }: Call, event: IdpEvent): void {
  const sentAt = event.kind === 'login' || event.kind === 'password' ? event.sentAt : undefined;
  if (sentAt !== undefined && Math.abs(startedAt.getTime() - sentAt.getTime()) > FARTHEST_MS)
    throw new VaultError('PV9101');
}
