import { VaultError } from '../../errors.js';
import { adapterOf } from '../../idp/adapters/index.js';
import type { Operation } from '../operation.js';
import { sealCredential } from './write-back/credential.js';
import { writingHook } from './write-back/writing-hook.js';

export const setIdpCredential: Operation<'setIdpCredential'> = {
  id: 'setIdpCredential',

  async run(call, vault) {
    const hook = writingHook(call.metadata, call.path.hook);
    // Said now, to whoever can add the address to the settings, and not with the first job.
    vault.outbound.target(hook.base, false);
    const { client_id: clientId, client_secret: clientSecret, audience, token_url: tokenUrl } = call.body;
    if (tokenUrl !== undefined) vault.outbound.target(tokenUrl, false);
    else if (adapterOf(hook.hook.provider)?.writeBack?.needsTokenUrl)
      throw new VaultError('PV1012', { field: '/token_url', reason: 'This provider needs it.' });
    await call.record({ outcome: 'allowed' });
    await sealCredential(vault, hook, { clientId, clientSecret, audience, tokenUrl }, call.startedAt);
  },
};
