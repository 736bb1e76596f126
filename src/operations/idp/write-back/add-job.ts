import type { Statement } from '../../../store/database.js';
import type { RestoreOrder, WriteBackJob } from '../../../store/write-back-queue.js';
import type { Vault } from '../../vault.js';
import type { StoringContext } from '../storing-of.js';

/** The statement that has what a hook could not change at its provider changed later; committed with what was stored. None where nobody said how. */
export async function addJob({
  call,
  vault,
  hook,
  event,
  subject,
}: Omit<StoringContext, 'collection'>): Promise<Statement[]> {
  const { idpHooks } = call.metadata.iam.config;
  const [name] = [...idpHooks].find(([, each]) => each === hook) ?? [];
  if (hook.writeBack === undefined || name === undefined) return [];
  const key = vault.keyring.lookup.subjectHash(subject).toString('hex');
  return [await vault.writeBack.adding(key, await jobOf(vault, name, event.subject, call.startedAt))];
}

/** What the queue needs to know of a user: the hook, and the name, sealed. What is to be put back is bound to it: whoever can write to the queue's tables can ask for nothing else. */
export async function jobOf(
  vault: Vault,
  hook: string,
  subject: string,
  since: Date,
  restore?: RestoreOrder,
): Promise<WriteBackJob> {
  const keyset = await vault.keyring.sealing(0, '');
  return {
    hook,
    keysetId: keyset.keysetId,
    keysetVersion: keyset.version,
    subject: keyset.sealSecret(purposeOf(hook, restore), subject).toString('base64'),
    since: since.getTime(),
    ...(restore && { restore }),
  };
}

/** Whose user a job is about. Throws PV9010 for one that the vault did not make, or not like this. */
export async function subjectIn(vault: Vault, job: WriteBackJob): Promise<string> {
  const keyset = await vault.keyring.opening(job.keysetId, job.keysetVersion);
  return keyset.openSecret(purposeOf(job.hook, job.restore), Buffer.from(job.subject, 'base64'));
}

function purposeOf(hook: string, restore: RestoreOrder | undefined): readonly string[] {
  if (!restore) return ['idp-subject', hook];
  const { role, reason, requestId, places } = restore;
  return ['idp-restore', hook, role, reason, requestId, ...places];
}
