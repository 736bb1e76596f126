import { checkDescription } from '../../bundles/description.js';
import { missingPrototype } from '../../bundles/prototypes.js';
import { VaultError } from '../../errors.js';
import { rewriteBundle } from '../../store/bundles.js';
import type { Operation } from '../operation.js';
import { bundleNamed } from './bundle-named.js';
import { presentBundle } from './present-bundle.js';
import { readCode } from './read-code.js';

export const updateBundle: Operation<'updateBundle'> = {
  id: 'updateBundle',

  async run(call, vault) {
    const bundle = bundleNamed(call.metadata, call.path.bundle);
    const { description = bundle.description, code } = call.body;
    checkDescription(description);
    const next = code === undefined ? bundle : readCode(vault, code);
    const missing = missingPrototype(bundle.functions, next.functions);
    if (missing) {
      throw new VaultError('PV9056', { export: missing.name, reason: 'is no longer exported as it was' });
    }

    await call.record({ outcome: 'allowed' });
    const changed = { name: bundle.name, description, code: next.code, functions: next.functions };
    const done = await rewriteBundle(vault.database, changed, bundle.revision, call.startedAt);
    vault.metadata.invalidate();
    if (!done) throw new VaultError('PV3218');
    return presentBundle(bundleNamed(await vault.metadata.get(), bundle.name), { withCode: true });
  },
};
