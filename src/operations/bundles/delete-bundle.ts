import { bundleOf, functionsOf } from '../../bundles/custom-type.js';
import { deleteStoredBundle } from '../../store/bundles.js';
import type { Operation } from '../operation.js';
import { bundleNamed } from './bundle-named.js';

export const deleteBundle: Operation<'deleteBundle'> = {
  id: 'deleteBundle',

  async run(call, vault) {
    const { name } = bundleNamed(call.metadata, call.path.bundle);
    const force = call.query.options?.includes('force') ?? false;
    const referring = [...call.metadata.types.values()].filter((type) =>
      functionsOf(type).some((each) => bundleOf(each) === name),
    );

    await call.record({ outcome: 'allowed' });
    await deleteStoredBundle(vault.database, name, force ? referring.map((type) => type.name) : []);
    vault.metadata.invalidate();
  },
};
