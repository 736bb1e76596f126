import type { Operation } from '../operation.js';
import { presentBundle } from './present-bundle.js';

export const listBundles: Operation<'listBundles'> = {
  id: 'listBundles',

  async run(call) {
    await call.record({ outcome: 'allowed' });
    const bundles = [...call.metadata.bundles.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return bundles.map((bundle) => presentBundle(bundle, { withCode: false }));
  },
};
