import { compileIam } from '../policy/compile.js';
import { parseIamConfig } from '../policy/iam-config.js';
import type { Metadata } from '../store/metadata.js';

const config = parseIamConfig('[users]\n[roles]\n[policies]\n');

/** What a public operation without a key gets to see: nothing. So it works while the database is away, too. */
export const NO_METADATA: Metadata = {
  generation: '0',
  collections: new Map(),
  bundles: new Map(),
  types: new Map(),
  actions: new Map(),
  iam: { version: 0, config, compiled: compileIam(config) },
  iamSerial: 0,
  apiKeys: new Map(),
  keysByUser: new Map(),
};
