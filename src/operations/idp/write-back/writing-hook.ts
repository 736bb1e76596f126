import { VaultError } from '../../../errors.js';
import type { Metadata } from '../../../store/metadata.js';
import type { WritingHook } from './credential.js';

/** A hook that says where its provider's API is. Throws PV9111. */
export function writingHook({ iam }: Metadata, name: string): WritingHook {
  const hook = iam.config.idpHooks.get(name);
  if (hook?.writeBack === undefined) throw new VaultError('PV9111');
  return { name, hook, base: hook.writeBack };
}
