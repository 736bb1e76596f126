import { readCluster } from '../../store/instances.js';
import type { Operation } from '../operation.js';

/** Every instance serves everything; clients look for those that serve data. */
const COMPONENT = 'data';

export const getClusterInfo: Operation<'getClusterInfo'> = {
  id: 'getClusterInfo',

  async run(call, vault) {
    const { generation, modifiedAt, instances } = await readCluster(vault.database);
    await call.record({ outcome: 'allowed' });
    return {
      vault: { generation_number: generation, modified_at: modifiedAt.toISOString() },
      workers: instances.map((instance) => ({
        worker_id: instance.workerId,
        generation_number: instance.generation,
        generation_checked_at: instance.checkedAt.toISOString(),
        refresh_interval_seconds: instance.refreshIntervalSeconds,
        priority: instance.priority,
        component: COMPONENT,
      })),
    };
  },
};
