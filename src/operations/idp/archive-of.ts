import type { Statement } from '../../store/database.js';
import type { FoundSubject } from '../../store/find-idp-subjects.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { openObject } from '../objects/open-object.js';
import type { Vault } from '../vault.js';
import { changeLinked } from './change-linked.js';

/** Ends the life of the object now; what is archived already stays so. */
export async function archiveOf(
  call: Call<'receiveIdpEvent'>,
  vault: Vault,
  collection: KnownCollection,
  { object, active }: Pick<FoundSubject, 'object' | 'active'>,
): Promise<Statement[]> {
  if (!object || !active) return [];
  const opened = await openObject(vault, object);
  const { statement } = await changeLinked(call, vault, collection, opened, [], {
    expiresAt: call.startedAt,
  });
  return [statement];
}
