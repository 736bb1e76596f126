import { VaultError } from '../../errors.js';
import type { Adapter } from '../../idp/adapter.js';
import type { Decision, IdpEvent, LoginEvent } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { components } from '../../generated/api.js';
import type { Call } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { refuseHopeless } from '../permit.js';
import type { Vault } from '../vault.js';
import { couldBeGranted } from '../../policy/could-be-granted.js';
import { eraseSubject } from './erase-subject.js';
import { followLinks } from './follow-links.js';
import { linkByEvent } from './link-subjects.js';
import { tellStatus } from './tell-status.js';
import { unlinkByEvent } from './unlink-subject.js';
import { adapterEvent, hookOf } from './hook-of.js';
import { storeLogin } from './store-login.js';

const NOTHING: Decision = { write: {}, scrub: [], warnings: [] };

export const receiveIdpEvent: Operation<'receiveIdpEvent'> = {
  id: 'receiveIdpEvent',

  async run(call, vault) {
    const { adapter, event: kind } = adapterEvent(call);
    if (!call.principal.capabilities.has(kind.capability))
      throw new VaultError('PV1007', { username: call.principal.user });
    const event = kind.read(call.body);
    const hook = hookOf(call, event);

    const decision = await answerTo(call, vault, adapter, hook, event);
    return decision as components['schemas']['IdpDecision'];
  },
};

async function answerTo(
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
        : login(call, vault, adapter, hook, event);
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
      return NOTHING;
    case 'erasure':
      return eraseSubject(call, vault, hook, event);
    case 'other':
      await call.record({ outcome: 'allowed', rule: 'nothing-of-concern' });
      return NOTHING;
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
  return NOTHING;
}

async function login(
  call: Call<'receiveIdpEvent'>,
  vault: Vault,
  adapter: Adapter,
  hook: IdpHook,
  event: LoginEvent,
): Promise<Decision> {
  await refuseHopeless(call, collectionNamed(call.metadata, hook.collection), 'tokenize');
  const warnings = await followLinks(call, vault, hook, event);
  const decision = await storeLogin(call, vault, adapter, hook, event);
  return { ...decision, warnings: [...decision.warnings, ...warnings] };
}
