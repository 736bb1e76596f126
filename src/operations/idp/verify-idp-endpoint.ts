import { VaultError } from '../../errors.js';
import { adapterOf } from '../../idp/adapters/index.js';
import type { Operation } from '../operation.js';

/** A challenge is a short word; anything else would make the vault say what somebody wants it to. */
const CHALLENGE = /^[\w.~+/=-]{1,256}$/;

export const verifyIdpEndpoint: Operation<'verifyIdpEndpoint'> = {
  id: 'verifyIdpEndpoint',

  // Asked by nobody in particular, about nothing: there is no entry to make.
  async run(call) {
    const { provider, event } = call.path;
    const challenge = adapterOf(provider)?.challenge;
    if (challenge?.event !== event) throw new VaultError('PV9086');
    const verification = call.header(challenge.header);
    if (verification === null || !CHALLENGE.test(verification))
      throw new VaultError('PV1012', {
        field: challenge.header,
        reason: 'It must be 1 to 256 letters, digits and . _ ~ + / = -.',
      });
    return { verification };
  },
};
