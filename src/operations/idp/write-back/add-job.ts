import type { Statement } from '../../../store/database.js';
import type { WriteBackJob } from '../../../store/write-back-queue.js';
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

/** What the queue needs to know of a user: the hook, and the name, sealed. */
export async function jobOf(vault: Vault, hook: string, subject: string, since: Date): Promise<WriteBackJob> {
  const keyset = await vault.keyring.sealing(0, '');
  return {
    hook,
    keysetId: keyset.keysetId,
    keysetVersion: keyset.version,
    subject: keyset.sealSecret(['idp-subject', hook], subject).toString('base64'),
    since: since.getTime(),
  };
}
