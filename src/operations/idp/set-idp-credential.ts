import { VaultError } from '../../errors.js';
import { adapterOf } from '../../idp/adapters/index.js';
import type { Credential, WriteBack } from '../../idp/write-back.js';
import type { BodyOf, Operation } from '../operation.js';
import { sealCredential } from './write-back/credential.js';
import { readPrivateKey } from './write-back/private-key.js';
import { writingHook } from './write-back/writing-hook.js';

export const setIdpCredential: Operation<'setIdpCredential'> = {
  id: 'setIdpCredential',

  async run(call, vault) {
    const hook = writingHook(call.metadata, call.path.hook);
    // Said now, to whoever can add the address to the settings, and not with the first job.
    vault.outbound.target(hook.base, false);
    const { audience, token_url: tokenUrl } = call.body;
    if (tokenUrl !== undefined) vault.outbound.target(tokenUrl, false);
    else if (adapterOf(hook.hook.provider)?.writeBack?.needsTokenUrl)
      throw new VaultError('PV1012', { field: '/token_url', reason: 'This provider needs it.' });
    const client = readClient(call.body, adapterOf(hook.hook.provider)?.writeBack);
    await call.record({ outcome: 'allowed' });
    await sealCredential(vault, hook, { ...client, audience, tokenUrl }, call.startedAt);
  },
};

type Client = Pick<Credential, 'clientId' | 'clientSecret' | 'privateKey' | 'keyId'>;

/** Who the vault is at the provider, by a secret or by a key and never by both. Throws PV1012 naming the field, before anything depends on it. */
function readClient(body: BodyOf<'setIdpCredential'>, api: WriteBack | undefined): Client {
  const { client_id: clientId, client_secret: clientSecret, private_key: privateKey, key_id: keyId } = body;
  if (privateKey === undefined) {
    if (clientSecret === undefined) return misfit('/client_secret', 'It is missing.');
    if (keyId !== undefined) return misfit('/key_id', 'It goes with a private key.');
    return { clientId, clientSecret };
  }
  if (!api?.signed) return misfit('/private_key', 'Clients of this provider have secrets.');
  if (clientSecret !== undefined) return misfit('/client_secret', 'A client with a private key has none.');
  readPrivateKey(privateKey);
  return { clientId, clientSecret: '', privateKey, keyId };
}

function misfit(field: string, reason: string): never {
  throw new VaultError('PV1012', { field, reason });
}
