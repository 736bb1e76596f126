import { VaultError } from '../../errors.js';
import type { Adapter } from '../../idp/adapter.js';
import type { Decision, IdpEvent, LoginEvent } from '../../idp/event.js';
import { handleLogin } from '../../idp/login.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { components } from '../../generated/api.js';
import type { Call } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { refuseHopeless } from '../permit.js';
import type { Vault } from '../vault.js';
import { eraseSubject } from './erase-subject.js';
import { adapterEvent, hookOf } from './hook-of.js';
import { StoredLogin } from './stored-login.js';

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
      return login(call, vault, adapter, hook, event);
    case 'erasure':
      return eraseSubject(call, vault, hook, event);
    case 'other':
      await call.record({ outcome: 'allowed', rule: 'nothing-of-concern' });
      return { write: {}, scrub: [], warnings: [] };
  }
}

async function login(
  call: Call<'receiveIdpEvent'>,
  vault: Vault,
  adapter: Adapter,
  hook: IdpHook,
  event: LoginEvent,
): Promise<Decision> {
  const collection = collectionNamed(call.metadata, hook.collection);
  await refuseHopeless(call, collection, 'tokenize');

  const port = new StoredLogin(call, vault, collection, hook, event);
  const decision = await handleLogin(port, event, {
    map: { custom: hook.map, standard: adapter.standardMap, ignore: hook.ignore },
    keep: hook.keep,
    conflict: hook.conflict,
    claim: hook.claim,
  });
  await port.recordIfNothingWas();
  return decision;
}
