import { VaultError } from '../../errors.js';
import { findObjects } from '../../store/objects/find-objects.js';
import type { ObjectRow } from '../../store/objects/object-row.js';
import { asRevelations } from '../bindings.js';
import type { Call } from '../call.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless } from '../permit.js';
import { checkTenants } from '../tenancy.js';
import type { Vault } from '../vault.js';
import { chooseBindings } from './choose-bindings.js';
import { lifecycleOf } from './lifecycle-of.js';
import { checkAllFound, readObjectIds } from './object-ids.js';
import { type Page, pageOf } from './page-of.js';
import { revealedFacts } from './reveal.js';
import { revealObjects } from './reveal-objects.js';
import { touchBindings } from './touch-bindings.js';

export const listObjects: Operation<'listObjects'> = {
  id: 'listObjects',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    if (call.query.export) throw new VaultError('PV2001', { field: 'export' });
    const bindings = chooseBindings(collection, call.query);
    await refuseHopeless(call, collection, 'read');

    const asked = asRevelations(bindings);
    const { reveals, rule } = await permit(call, collection, touchBindings('read', bindings), { asked });
    const { rows, paging } = call.query.ids?.length
      ? await byIds(call, vault, collection, call.query.ids)
      : await pageOf(call, vault, collection, []);

    const objects = rows.map(({ id }) => id);
    await call.record({ collection: collection.name, objects, asked, ...revealedFacts(reveals), rule });
    return { results: await revealObjects(call, vault, collection, reveals, rows), paging };
  },
};

/** Objects by id come in the order of the request, all of them or none. */
async function byIds(
  call: Call<'listObjects'>,
  vault: Vault,
  collection: KnownCollection,
  asked: readonly string[],
): Promise<Page<ObjectRow>> {
  const ids = readObjectIds(asked);
  if (ids.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'ids' });
  const found = await findObjects(vault.database, collection.id, ids, lifecycleOf(call.query));
  checkAllFound(ids, found);
  checkTenants(call, found);

  const byId = new Map(found.map((row) => [row.id, row]));
  const rows = ids.map((id) => byId.get(id)!);
  return { rows, paging: { size: rows.length, remaining_count: 0, cursor: '' } };
}
