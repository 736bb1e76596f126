import { VaultError } from '../../errors.js';
import { decodeEntry } from '../../access-log/entry.js';
import { presentRevelation } from '../../access-log/presented-entry.js';
import type { components } from '../../generated/api.js';
import type { LogRow } from '../../store/access-log/read.js';
import { findObjects } from '../../store/objects/find-objects.js';
import { readPage } from '../audit/page.js';
import type { Call } from '../call.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import { readObjectIds } from '../objects/object-ids.js';
import type { Operation } from '../operation.js';
import { checkTenants } from '../tenancy.js';
import type { Vault } from '../vault.js';

type SubjectAccess = components['schemas']['SubjectAccess'];

export const listSubjectAccesses: Operation<'listSubjectAccesses'> = {
  id: 'listSubjectAccesses',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const objectId = readObjectIds([call.path.id])[0]!;
    await checkTenantOf(call, vault, collection, objectId);

    const filter = { collection: collection.name, objectId, showing: true } as const;
    const { rows, cursor, proofs } = await readPage(call, vault, filter, call.query);
    if (!proofs) return { accesses: rows.map(presentAccess), cursor };
    // The bytes name what else the access touched; the leaf lets an auditor, who may see them, agree.
    const accesses = rows.map((row, i) => ({ ...presentAccess(row), proof: proofs.ofRows[i]! }));
    return { accesses, cursor, checkpoint: proofs.checkpoint };
  },
};

/**
 * A request limited to tenants sees only what is theirs. Whose an object was that is gone cannot be told any more, so then it is not found: PV3005. PV9009 as
 * `checkTenants` throws it.
 */
async function checkTenantOf(
  call: Call,
  vault: Vault,
  { id: collection }: KnownCollection,
  objectId: string,
): Promise<void> {
  if (call.tenants.length === 0) return;
  const active = await findObjects(vault.database, collection, [objectId], 'active');
  const found =
    active.length > 0 ? active : await findObjects(vault.database, collection, [objectId], 'archived');
  if (found.length === 0) throw new VaultError('PV3005', { ids: objectId });
  checkTenants(call, found);
}

/** An access as it is told to the person that the object is about: nothing of the others that it touched. */
function presentAccess({ index, bytes, adhocReason }: LogRow): SubjectAccess {
  const entry = decodeEntry(bytes);
  // Words about several objects may speak of any of them.
  const text = entry.objects?.length === 1 ? adhocReason : null;
  return {
    time: entry.time,
    client: entry.user,
    fields: (entry.revealed ?? []).map(presentRevelation),
    ...(entry.reason !== undefined && { reason: entry.reason }),
    ...(text !== null && { text }),
    index,
  };
}
