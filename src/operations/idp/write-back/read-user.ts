import { VaultError } from '../../../errors.js';
import { adapterOf } from '../../../idp/adapters/index.js';
import type { LoginEvent } from '../../../idp/event.js';
import type { Fields } from '../../../idp/event-fields.js';
import type { WriteBack } from '../../../idp/write-back.js';
import type { Metadata } from '../../../store/metadata.js';
import type { WriteBackJob } from '../../../store/write-back-queue.js';
import type { Vault } from '../../vault.js';
import type { WritingHook } from './credential.js';
import type { ProviderApi } from './provider-api.js';
import { writingHook } from './writing-hook.js';

/** A user whom a job is about, as the provider has them now. */
export interface UserAtProvider {
  readonly metadata: Metadata;
  readonly hook: WritingHook;
  readonly api: WriteBack;
  readonly subject: string;
  readonly user: Fields;
  readonly event: LoginEvent;
}

/** Reads the user of a job at the provider; null: there is none any more. Throws PV9111 where the hook is gone or not in use, PV9113 for somebody else. */
export async function readUser(
  vault: Vault,
  providers: ProviderApi,
  job: WriteBackJob,
): Promise<UserAtProvider | null> {
  const metadata = await vault.metadata.get();
  const hook = writingHook(metadata, job.hook);
  const api = adapterOf(hook.hook.provider)?.writeBack;
  if (!api || hook.hook.disabled) throw new VaultError('PV9111');
  const keyset = await vault.keyring.opening(job.keysetId, job.keysetVersion);
  const subject = keyset.openSecret(['idp-subject', job.hook], Buffer.from(job.subject, 'base64'));

  const user = (await providers.send(hook, api, api.read(subject))) as Fields | null;
  if (user === null) return null;
  const event = api.event(user);
  if (event.subject !== subject) throw new VaultError('PV9113');
  return { metadata, hook, api, subject, user, event };
}
