import { MOST_ITEMS, collectGarbage } from '../garbage/collect-garbage.js';
import type { Operation } from '../operation.js';
import { tenantFilter } from '../tenancy.js';

export const garbageCollection: Operation<'garbageCollection'> = {
  id: 'garbageCollection',

  async run(call, vault) {
    const dryRun = call.query.dry_run ?? false;
    const only = call.query.filter ?? null;
    const run = {
      vault,
      collections: [...call.metadata.collections.values()],
      tenants: tenantFilter(call),
      dryRun,
      left: MOST_ITEMS,
      stopped: () => false,
      record: call.record,
    };

    // The decision; an entry for each batch follows before the batch goes.
    await call.record({
      outcome: 'allowed',
      rule: [only ?? 'all', ...(dryRun ? ['dry-run'] : [])].join(' '),
    });
    return collectGarbage(run, only);
  },
};
