import { VaultError } from '../../../errors.js';
import type { IdpHook } from '../../../policy/idp-hooks.js';
import { findSigningSecrets, storeSigningSecret } from '../../../store/idp-signing-secrets.js';
import type { Vault } from '../../vault.js';

/** A hook that has somebody to ask whether a password is right. */
export interface AskingHook {
  readonly name: string;
  readonly url: string;
}

/** The secret stands beside those of the hook's users, under a name that no user can have. */
export const SERVICE_USER = '';

export function askingHook(name: string, hook: IdpHook | undefined): AskingHook | null {
  return hook?.checkPasswordsAt === undefined ? null : { name, url: hook.checkPasswordsAt };
}

/** Seals and stores the secret by which a password service knows the vault, in place of the one there was. */
export async function sealServiceSecret(
  vault: Vault,
  hook: AskingHook,
  secret: string,
  now: Date,
): Promise<void> {
  const keyset = await vault.keyring.sealing(0, '');
  const sealed = keyset.sealSecret(purposeOf(hook), secret);
  const { keysetId, version: keysetVersion } = keyset;
  await storeSigningSecret(
    vault.database,
    { hook: hook.name, user: SERVICE_USER, keysetId, keysetVersion, sealed },
    now,
  );
}

/** The secret; null where none was set, or for another address than the hook has now. */
export async function openServiceSecret(vault: Vault, hook: AskingHook): Promise<string | null> {
  const all = await findSigningSecrets(vault.database, [hook.name]);
  const stored = all.find(({ user }) => user === SERVICE_USER);
  if (!stored) return null;
  const keyset = await vault.keyring.opening(stored.keysetId, stored.keysetVersion);
  try {
    return keyset.openSecret(purposeOf(hook), stored.sealed);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'PV9010') return null;
    throw error;
  }
}

/** Bound to the address: whoever changes that must know the secret to have it, and passwords, sent there. */
function purposeOf({ name, url }: AskingHook): readonly string[] {
  return ['idp-password-service', name, url];
}
