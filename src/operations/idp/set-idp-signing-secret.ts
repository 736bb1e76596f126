import type { Operation } from '../operation.js';
import { sealSigningSecret, signerOf } from './signatures/signing-secret.js';

export const setIdpSigningSecret: Operation<'setIdpSigningSecret'> = {
  id: 'setIdpSigningSecret',

  async run(call, vault) {
    const signer = signerOf(call.metadata, call.path.hook, call.path.user);
    await call.record({ outcome: 'allowed' });
    await sealSigningSecret(vault, signer, call.body.secret, call.startedAt);
  },
};
