import { VaultError } from '../../../errors.js';
import { adapterOf } from '../../../idp/adapters/index.js';
import type { IdpHook } from '../../../policy/idp-hooks.js';
import {
  type StoredSigningSecret,
  findSigningSecrets,
  storeSigningSecret,
} from '../../../store/idp-signing-secrets.js';
import type { Metadata } from '../../../store/metadata.js';
import type { Vault } from '../../vault.js';

/** A user of a hook whose provider signs its calls. */
export interface Signer {
  readonly name: string;
  readonly hook: IdpHook;
  readonly user: string;
}

/** A secret, and whose it is. Null: there is one that does not open, so nothing that is signed is good. */
export interface SigningSecret extends Signer {
  readonly secret: string | null;
}

/** A user of a hook of a provider that signs. Throws PV9114. */
export function signerOf({ iam }: Metadata, name: string, user: string): Signer {
  const hook = iam.config.idpHooks.get(name);
  const events = Object.values(adapterOf(hook?.provider ?? '')?.events ?? {});
  if (!hook?.users.includes(user) || !events.some(({ signature }) => signature))
    throw new VaultError('PV9114');
  return { name, hook, user };
}

/** Seals and stores the secret of a user in place of the one there was. */
export async function sealSigningSecret(
  vault: Vault,
  signer: Signer,
  secret: string,
  now: Date,
): Promise<void> {
  const keyset = await vault.keyring.sealing(0, '');
  const sealed = keyset.sealSecret(purposeOf(signer), secret);
  const { keysetId, version: keysetVersion } = keyset;
  const { name: hook, user } = signer;
  await storeSigningSecret(vault.database, { hook, user, keysetId, keysetVersion, sealed }, now);
}

/** The secrets of hooks that users of theirs have. */
export async function openSigningSecrets(
  vault: Vault,
  hooks: readonly (readonly [name: string, hook: IdpHook])[],
): Promise<SigningSecret[]> {
  if (hooks.length === 0) return [];
  const byName = new Map(hooks);
  const stored = await findSigningSecrets(vault.database, [...byName.keys()]);
  return Promise.all(
    stored.flatMap((each) => {
      const hook = byName.get(each.hook)!;
      const signer = { name: each.hook, hook, user: each.user };
      return hook.users.includes(each.user) ? [opened(vault, signer, each)] : [];
    }),
  );
}

async function opened(vault: Vault, signer: Signer, stored: StoredSigningSecret): Promise<SigningSecret> {
  try {
    const keyset = await vault.keyring.opening(stored.keysetId, stored.keysetVersion);
    return { ...signer, secret: keyset.openSecret(purposeOf(signer), stored.sealed) };
  } catch (error) {
    // It was sealed for another provider under the hook's name, or is damaged.
    if (error instanceof VaultError && error.code === 'PV9010') return { ...signer, secret: null };
    throw error;
  }
}

/** Bound to the provider too: a hook that becomes another's starts without a secret. */
function purposeOf({ name, hook, user }: Signer): readonly string[] {
  return ['idp-signing-secret', name, hook.provider, user];
}
