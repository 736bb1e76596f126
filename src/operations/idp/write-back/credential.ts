import { VaultError } from '../../../errors.js';
import type { Credential } from '../../../idp/write-back.js';
import type { IdpHook } from '../../../policy/idp-hooks.js';
import { findCredential, storeCredential } from '../../../store/idp-credentials.js';
import type { Vault } from '../../vault.js';

/** A hook with a way to change users at its provider, by its name. */
export interface WritingHook {
  readonly name: string;
  readonly hook: IdpHook;
  readonly base: string;
}

/** Bound to the address too: whoever changes that must know the secret to have it sent there. */
function purposeOf({ name, base }: WritingHook): readonly string[] {
  return ['idp-credential', name, base];
}

/** Seals and stores a hook's credential in place of the one there was. */
export async function sealCredential(
  vault: Vault,
  hook: WritingHook,
  credential: Credential,
  now: Date,
): Promise<void> {
  const keyset = await vault.keyring.sealing(0, '');
  const sealed = keyset.sealSecret(purposeOf(hook), JSON.stringify(credential));
  const { keysetId, version: keysetVersion } = keyset;
  await storeCredential(vault.database, { hook: hook.name, keysetId, keysetVersion, sealed }, now);
}

/** The credential of a hook, and what it is recognised by. Throws PV9112 where none was set, or for another address than the hook has now. */
export async function openCredential(
  vault: Vault,
  hook: WritingHook,
): Promise<{ readonly credential: Credential; readonly mark: string }> {
  const stored = await findCredential(vault.database, hook.name);
  if (!stored) throw new VaultError('PV9112');
  const keyset = await vault.keyring.opening(stored.keysetId, stored.keysetVersion);
  try {
    const text = keyset.openSecret(purposeOf(hook), stored.sealed);
    return { credential: JSON.parse(text) as Credential, mark: stored.sealed.toString('base64') };
  } catch {
    throw new VaultError('PV9112');
  }
}
