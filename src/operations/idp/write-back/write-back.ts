import { VaultError } from '../../../errors.js';
import type { WriteBackJob } from '../../../store/write-back-queue.js';
import { withFunctions } from '../../functions/bind-functions.js';
import type { Vault } from '../../vault.js';
import { storeLogin } from '../store-login.js';
import { callOfHook } from './call-of-hook.js';
import type { ProviderApi } from './provider-api.js';
import { readUser, subjectOfJob } from './read-user.js';

/**
 * Changes a user at the provider as a hook would have, had it been able to: reads the user as they are now, has the vault take in what it does not have yet, and only
 * then removes there what the vault has. Whatever fails before the last step changes nothing there; said again it finds nothing left to do. Throws what
 * is to be tried again.
 */
export async function writeBack(vault: Vault, providers: ProviderApi, job: WriteBackJob): Promise<void> {
  const about = await subjectOfJob(vault, job);
  const { metadata, hook, adapter, api, subject } = about;
  const call = callOfHook(vault, metadata, hook);
  try {
    const read = await readUser(providers, about);
    // Deleted there: nothing is left to change.
    if (read === null) return;
    const decision = await withFunctions(call, vault, (bound) =>
      storeLogin(bound, vault, adapter, hook.hook, read.event),
    );
    const change = api.change(subject, read.user, decision);
    if (change !== null) await providers.send(hook, api, change);
  } catch (error) {
    if (error instanceof VaultError) throw await call.fail(error);
    throw error;
  }
}
