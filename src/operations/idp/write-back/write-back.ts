import { VaultError } from '../../../errors.js';
import { adapterOf } from '../../../idp/adapters/index.js';
import type { Fields } from '../../../idp/event-fields.js';
import type { WriteBackJob } from '../../../store/write-back-queue.js';
import { withFunctions } from '../../functions/bind-functions.js';
import type { Vault } from '../../vault.js';
import { storeLogin } from '../store-login.js';
import { callOfHook } from './call-of-hook.js';
import type { ProviderApi } from './provider-api.js';
import { writingHook } from './writing-hook.js';

/**
 * Changes a user at the provider as a hook would have, had it been able to: reads the user as they are now, has the vault take in what it does not have yet, and only
 * then removes there what the vault has. Whatever fails before the last step changes nothing there; said again it finds nothing left to do. Throws what
 * is to be tried again.
 */
export async function writeBack(vault: Vault, providers: ProviderApi, job: WriteBackJob): Promise<void> {
  const metadata = await vault.metadata.get();
  const hook = writingHook(metadata, job.hook);
  const adapter = adapterOf(hook.hook.provider);
  const api = adapter?.writeBack;
  if (!adapter || !api || hook.hook.disabled) throw new VaultError('PV9111');
  const keyset = await vault.keyring.opening(job.keysetId, job.keysetVersion);
  const subject = keyset.openSecret(['idp-subject', job.hook], Buffer.from(job.subject, 'base64'));

  const user = (await providers.send(hook, api, api.read(subject))) as Fields | null;
  // Deleted there: nothing is left to change.
  if (user === null) return;
  const event = api.event(user);
  if (event.subject !== subject) throw new VaultError('PV9113');

  const call = callOfHook(vault, metadata, hook);
  try {
    const decision = await withFunctions(call, vault, (bound) =>
      storeLogin(bound, vault, adapter, hook.hook, event),
    );
    const change = api.change(subject, user, decision);
    if (change !== null) await providers.send(hook, api, change);
  } catch (error) {
    if (error instanceof VaultError) throw await call.fail(error);
    throw error;
  }
}
