import { VaultError } from '../../errors.js';
import type { Operation } from '../operation.js';
import { askingHook, sealServiceSecret } from './passwords/service-secret.js';

export const setIdpPasswordSecret: Operation<'setIdpPasswordSecret'> = {
  id: 'setIdpPasswordSecret',

  async run(call, vault) {
    const { hook: name } = call.path;
    const hook = askingHook(name, call.metadata.iam.config.idpHooks.get(name));
    if (!hook) throw new VaultError('PV9117');
    // Said now, to whoever can add the address to the settings, and not at somebody's first sign-in.
    vault.outbound.target(hook.url, false);
    await call.record({ outcome: 'allowed' });
    await sealServiceSecret(vault, hook, call.body.secret, call.startedAt);
  },
};
