import { readLicense } from '../../store/license.js';
import type { Operation } from '../operation.js';
import { maskedLicense } from './mask-secret.js';

export const getLicense: Operation<'getLicense'> = {
  id: 'getLicense',

  async run(call, vault) {
    const { license } = vault.settings;
    const key = (await readLicense(vault.database)) ?? license.key ?? '';
    await call.record({ outcome: 'allowed' });
    // What the text says is its issuer's business; nothing here reads an expiration out of it.
    return { key: license.masked ? maskedLicense(key) : key, expiration: '' };
  },
};
