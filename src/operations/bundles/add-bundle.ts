import { isEntityName, isNameTaken } from '../../collections/names.js';
import { checkDescription } from '../../bundles/description.js';
import { VaultError } from '../../errors.js';
import { insertBundle } from '../../store/bundles.js';
import { UniqueViolation } from '../../store/database-errors.js';
import { once } from '../idempotency.js';
import type { Operation } from '../operation.js';
import { bundleNamed } from './bundle-named.js';
import { presentBundle } from './present-bundle.js';
import { readCode } from './read-code.js';

/** Names that mean something else before the dot of `bundle.function`. */
const RESERVED = 'builtin';

export const addBundle: Operation<'addBundle'> = {
  id: 'addBundle',

  async run(call, vault) {
    const { name, description = '', code } = call.body;
    if (!isEntityName(name) || name.toLowerCase() === RESERVED) {
      throw new VaultError('PV9004', { field: 'name', reason: 'is not the name of a bundle' });
    }
    checkDescription(description);
    const facts = { outcome: 'allowed' as const };
    const taken = new VaultError('PV9003', { field: 'name' });

    await once(
      call,
      vault,
      () => facts,
      async () => {
        const bundle = { name, description, ...readCode(vault, code) };
        return {
          answer: { name },
          facts,
          async create(record) {
            if (isNameTaken(name, call.metadata.bundles.keys())) throw taken;
            try {
              await insertBundle(vault.database, bundle, call.startedAt, record);
            } catch (error) {
              throw error instanceof UniqueViolation ? taken : error;
            }
            vault.metadata.invalidate();
          },
        };
      },
    );
    return presentBundle(bundleNamed(await vault.metadata.get(), name), { withCode: true });
  },
};
