import { type RootKeyProvider, parseRootKey } from './root-key.js';

/** The root key in a setting (`COATCHECK_KMS_KEY`), which `source` names in messages. For platforms that hand secrets over as environment variables. */
export function environmentRootKey(
  text: string,
  source = 'The setting kms.key (COATCHECK_KMS_KEY)',
): RootKeyProvider {
  return {
    description: source.replace(/^The /, ''),
    load: async () => parseRootKey(text, source),
  };
}
