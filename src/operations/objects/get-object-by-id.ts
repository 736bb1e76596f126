import { findObjects } from '../../store/objects/find-objects.js';
import { asRevelations } from '../bindings.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless } from '../permit.js';
import { checkTenants } from '../tenancy.js';
import { chooseBindings } from './choose-bindings.js';
import { lifecycleOf } from './lifecycle-of.js';
import { checkAllFound, readObjectIds } from './object-ids.js';
import { touchBindings } from './touch-bindings.js';
import { revealedFacts } from './reveal.js';
import { revealObjects } from './reveal-objects.js';

export const getObjectById: Operation<'getObjectById'> = {
  id: 'getObjectById',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const bindings = chooseBindings(collection, call.query);
    await refuseHopeless(call, collection, 'read');
    const ids = readObjectIds([call.path.id]);

    const facts = { collection: collection.name, objects: ids, asked: asRevelations(bindings) };
    const { reveals, rule } = await permit(call, collection, touchBindings('read', bindings), facts);
    const found = await findObjects(vault.database, collection.id, ids, lifecycleOf(call.query));
    checkAllFound(ids, found);
    checkTenants(call, found);

    await call.record({ ...facts, ...revealedFacts(reveals), rule });
    const [shown] = await revealObjects(call, vault, collection, reveals, found);
    return shown!;
  },
};
