import { type Aim, isEmptied } from '../../../idp/plan-restore.js';
import { VaultError } from '../../../errors.js';
import { findSubject } from '../../../store/find-idp-subjects.js';
import type { RestoreOrder, WriteBackJob } from '../../../store/write-back-queue.js';
import { collectionNamed } from '../../collection-named.js';
import { permit } from '../../permit.js';
import type { Vault } from '../../vault.js';
import { stateOf } from '../state-of.js';
import { queryOf, subjectOf } from '../subject-of.js';
import { callOfRestore, mayRestore } from './call-of-hook.js';
import { aimsOf, heldFor, propertiesOf, touchPlain } from './held-for.js';
import type { ProviderApi } from './provider-api.js';
import { type UserAtProvider, readUser, subjectOfJob } from './read-user.js';

/**
 * Puts values back at the provider: reads the user as they are now, finds what the vault has by then and may still send, records that, and sends what the provider has nothing of. Whoever is gone there, or was erased or
 * archived here, is left alone; said again it finds nothing left to do. Throws what is to be tried again.
 */
export async function restore(
  vault: Vault,
  providers: ProviderApi,
  job: WriteBackJob,
  order: RestoreOrder,
): Promise<void> {
  const about = await subjectOfJob(vault, job);
  const { metadata, adapter, api, subject } = about;
  const { hook } = about.hook;
  const call = callOfRestore(vault, metadata, about.hook, order);
  try {
    if (!mayRestore(metadata, about.hook, order))
      throw new VaultError('PV1006', { username: call.principal.user });
    const user = await readUser(providers, about);
    if (user === null) return;
    const collection = collectionNamed(call.metadata, hook.collection);
    const restoring = { call, vault, collection, adapter, hook };
    const query = queryOf(vault, collection, hook, subjectOf(hook, subject));
    const found = await findSubject(vault.database, query);
    const isThere = stateOf(found) === 'linked' && found.object?.tenant === query.tenant;
    const aims = isThere ? emptiedAt(user, aimsOf(restoring, order.places).aims) : [];
    const names = propertiesOf(restoring, aims);
    if (names.length === 0) {
      await call.record({ collection: collection.name, outcome: 'allowed', rule: 'nothing-to-restore' });
      return;
    }

    const asked = names.map((name) => [name, null] as const);
    const facts = { collection: collection.name, objects: [found.objectId], asked };
    const { rule } = await permit(call, collection, touchPlain(names), facts);
    await call.record({ ...facts, revealed: asked, outcome: 'allowed', rule });
    const { values } = await heldFor(restoring, found, aims);
    const change = values.size > 0 ? api.restore(subject, user.user, values) : null;
    if (change !== null) await providers.send(about.hook, api, change);
  } catch (error) {
    if (error instanceof VaultError) throw await call.fail(error);
    throw error;
  }
}

/** What the provider got meanwhile is not overwritten. */
function emptiedAt({ event }: UserAtProvider, aims: readonly Aim[]): Aim[] {
  const shown = new Map(event.attributes.map(({ path, value }) => [path, value]));
  return aims.filter(({ place }) => isEmptied(shown.get(place)));
}
