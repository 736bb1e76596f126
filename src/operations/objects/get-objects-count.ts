import { countObjectLifecycles } from '../../store/objects/count-lifecycles.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, touchProperties } from '../permit.js';

export const getObjectsCount: Operation<'getObjectsCount'> = {
  id: 'getObjectsCount',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const { rule } = await permit(call, collection, touchProperties('stats', ['id']), {});

    await call.record({ collection: collection.name, outcome: 'allowed', rule });
    const { active, archived } = await countObjectLifecycles(
      vault.database,
      collection.id,
      vault.settings.maxCount,
    );
    return { active, archived, total: active + archived };
  },
};
