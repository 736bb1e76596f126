import type { Operation } from '../operation.js';

export const getVaultVersion: Operation<'getVaultVersion'> = {
  id: 'getVaultVersion',

  async run(call, vault) {
    await call.record({ outcome: 'allowed' });
    return {
      db_schema_version: vault.schemaVersion,
      vault_id: vault.id,
      vault_version: vault.version,
    };
  },
};
