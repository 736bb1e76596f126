import type { Statement } from '../../../store/database.js';
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
  const keyset = await vault.keyring.sealing(0, '');
  const sealed = keyset.sealSecret(['idp-subject', name], event.subject);
  const key = vault.keyring.lookup.subjectHash(subject).toString('hex');
  return [
    await vault.writeBack.adding(key, {
      hook: name,
      keysetId: keyset.keysetId,
      keysetVersion: keyset.version,
      subject: sealed.toString('base64'),
      since: call.startedAt.getTime(),
    }),
  ];
}
