import { VaultError } from '../../errors.js';
import { findObjects } from '../../store/objects/find-objects.js';
import type { ObjectRow } from '../../store/objects/object-row.js';
import { asRevelations } from '../bindings.js';
import type { Call } from '../call.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import { exportRootOf, ownExportKey } from '../export-keys.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless } from '../permit.js';
import { checkTenants } from '../tenancy.js';
import type { Vault } from '../vault.js';
import { chooseBindings } from './choose-bindings.js';
import { checkExportable, exportObject } from './exported-values.js';
import { lifecycleOf } from './lifecycle-of.js';
import { checkAllFound, readObjectIds } from './object-ids.js';
import { openObject } from './open-object.js';
import { type Page, pageOf } from './page-of.js';
import { revealedFacts } from './reveal.js';
import { revealObjects } from './reveal-objects.js';
import { touchBindings } from './touch-bindings.js';

export const listObjects: Operation<'listObjects'> = {
  id: 'listObjects',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const bindings = chooseBindings(collection, call.query);
    const exportRoot = call.query.export ? exportRootOf(vault) : null;
    if (exportRoot) checkExportable(bindings);
    await refuseHopeless(call, collection, 'read');

    const asked = asRevelations(bindings);
    const touches = touchBindings('read', bindings, { needsPlain: exportRoot !== null });
    const { reveals, rule: decisive } = await permit(call, collection, touches, { asked });
    const rule = exportRoot ? `${decisive} export` : decisive;
    const { rows, paging } = call.query.ids?.length
      ? await byIds(call, vault, collection, call.query.ids)
      : await pageOf(call, vault, collection, []);

    const objects = rows.map(({ id }) => id);
    await call.record({ collection: collection.name, objects, asked, ...revealedFacts(reveals), rule });
    if (!exportRoot) return { results: await revealObjects(call, vault, collection, reveals, rows), paging };
    const exportKey = await ownExportKey(vault, exportRoot);
    const results = [];
    for (const row of rows) {
      results.push(exportObject(await openObject(vault, row), collection, reveals, call.metadata, exportKey));
    }
    return { results, paging };
  },
};

/** Objects by id come in the order of the request, all of them or none. */
async function byIds(
  call: Call<'listObjects'>,
  vault: Vault,
  collection: KnownCollection,
  asked: readonly string[],
): Promise<Page<ObjectRow>> {
  // There are no pages by ids, so no cursor was ever made for them.
  if (call.query.cursor) throw new VaultError('PV9005', { field: 'cursor' });
  const ids = readObjectIds(asked);
  if (ids.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'ids' });
  const found = await findObjects(vault.database, collection.id, ids, lifecycleOf(call.query));
  checkAllFound(ids, found);
  checkTenants(call, found);

  const byId = new Map(found.map((row) => [row.id, row]));
  const rows = ids.map((id) => byId.get(id)!);
  return { rows, paging: { size: rows.length, remaining_count: 0, cursor: '' } };
}
