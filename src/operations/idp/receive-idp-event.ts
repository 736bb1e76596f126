import { VaultError } from '../../errors.js';
import type { Adapter } from '../../idp/adapter.js';
import { type Decision, type IdpEvent, NOTHING_TO_DO } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { Call } from '../call.js';
import { EmptyAnswer, type Operation } from '../operation.js';
import type { Vault } from '../vault.js';
import { eraseSubject } from './erase-subject.js';
import { adapterEvent, findAdapterEvent, hookOf, ofIssuer } from './hook-of.js';
import { logIn } from './log-in.js';
import { unchangedAnswer } from './unchanged-answer.js';

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
      return logIn(call, vault, adapter, hook, event);
    case 'erasure':
      return eraseSubject(call, vault, hook, event);
    case 'batch':
      // One after the other: each counts against what may be erased in an hour. What is sent again finds the first of them done.
      for (const each of event.events) await eraseSubject(call, vault, hook, each);
      if (event.events.length === 0) await call.record({ outcome: 'allowed', rule: 'nothing-of-concern' });
      return NOTHING_TO_DO;
    case 'other':
      await call.record({ outcome: 'allowed', rule: 'nothing-of-concern' });
      return NOTHING_TO_DO;
  }
}

function refuseStale({ startedAt }: Call, event: IdpEvent): void {
  const sentAt = event.kind === 'login' ? event.sentAt : undefined;
  if (sentAt !== undefined && Math.abs(startedAt.getTime() - sentAt.getTime()) > FARTHEST_MS)
    throw new VaultError('PV9101');
}
