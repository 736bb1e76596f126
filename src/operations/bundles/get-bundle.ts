import type { Operation } from '../operation.js';
import { bundleNamed } from './bundle-named.js';
import { presentBundle } from './present-bundle.js';

export const getBundle: Operation<'getBundle'> = {
  id: 'getBundle',

  async run(call) {
    const bundle = bundleNamed(call.metadata, call.path.bundle);
    await call.record({ outcome: 'allowed' });
    return presentBundle(bundle, { withCode: true });
  },
};
