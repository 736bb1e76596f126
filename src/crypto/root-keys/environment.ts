import { type RootKeyProvider, parseRootKey } from './root-key.js';

/** The root key in a setting (`COATCHECK_KMS_KEY`). For platforms that hand secrets over as environment variables. */
export function environmentRootKey(text: string): RootKeyProvider {
  return {
    description: 'setting kms.key',
    load: async () => parseRootKey(text, 'The setting kms.key (COATCHECK_KMS_KEY)'),
  };
}
