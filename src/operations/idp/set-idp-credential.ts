import type { Operation } from '../operation.js';
import { sealCredential } from './write-back/credential.js';
import { writingHook } from './write-back/writing-hook.js';

export const setIdpCredential: Operation<'setIdpCredential'> = {
  id: 'setIdpCredential',

  async run(call, vault) {
    const hook = writingHook(call.metadata, call.path.hook);
    // Said now, to whoever can add the address to the settings, and not with the first job.
    vault.outbound.target(hook.base, false);
    const { client_id: clientId, client_secret: clientSecret, audience } = call.body;
    await call.record({ outcome: 'allowed' });
    await sealCredential(vault, hook, { clientId, clientSecret, audience }, call.startedAt);
  },
};
