import { VaultError } from '../../../errors.js';
import type { Adapter } from '../../../idp/adapter.js';
import { adapterOf } from '../../../idp/adapters/index.js';
import type { LoginEvent } from '../../../idp/event.js';
import type { Fields } from '../../../idp/event-fields.js';
import type { WriteBack } from '../../../idp/write-back.js';
import type { Metadata } from '../../../store/metadata.js';
import type { WriteBackJob } from '../../../store/write-back-queue.js';
import type { Vault } from '../../vault.js';
import { subjectIn } from './add-job.js';
import type { WritingHook } from './credential.js';
import type { ProviderApi } from './provider-api.js';
import { writingHook } from './writing-hook.js';

/** Whom a job is about, and how they are reached. */
export interface JobSubject {
  readonly metadata: Metadata;
  readonly hook: WritingHook;
  readonly adapter: Adapter;
  readonly api: WriteBack;
  readonly subject: string;
}

/** The user as the provider has them now. */
export interface UserAtProvider {
  readonly user: Fields;
  readonly event: LoginEvent;
}

/** Opens what a job says. Throws PV9111 where the hook is gone or not in use, and PV9010 for a job that the vault did not make. */
export async function subjectOfJob(vault: Vault, job: WriteBackJob): Promise<JobSubject> {
  const metadata = await vault.metadata.get();
  const hook = writingHook(metadata, job.hook);
  const adapter = adapterOf(hook.hook.provider);
  const api = adapter?.writeBack;
  if (!api || hook.hook.disabled) throw new VaultError('PV9111');
  return { metadata, hook, adapter, api, subject: await subjectIn(vault, job) };
}

/** Reads the user at the provider; null: there is none any more. Throws what {@link ProviderApi.send} does, and PV9113 for somebody else. */
export async function readUser(
  providers: ProviderApi,
  { hook, api, subject }: JobSubject,
): Promise<UserAtProvider | null> {
  const user = (await providers.send(hook, api, api.read(subject))) as Fields | null;
  if (user === null) return null;
  const event = api.event(user);
  if (event.subject !== subject) throw new VaultError('PV9113');
  return { user, event };
}
