import { exportRootOf, ownExportKey } from '../export-keys.js';
import type { Operation } from '../operation.js';

export const getExportKey: Operation<'getExportKey'> = {
  id: 'getExportKey',

  async run(call, vault) {
    const root = exportRootOf(vault);

    await call.record({ outcome: 'allowed' });
    const { text } = await ownExportKey(vault, root);
    return { export_key: text };
  },
};
