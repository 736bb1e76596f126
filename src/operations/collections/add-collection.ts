import { VaultError } from '../../errors.js';
import type { Collection } from '../../collections/collection.js';
import { defineCollection } from '../../collections/define.js';
import { isNameTaken } from '../../collections/names.js';
import { insertCollection } from '../../store/collections.js';
import { UniqueViolation } from '../../store/database-errors.js';
import type { IdempotencyRecord } from '../../store/idempotency.js';
import type { Call } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import { once } from '../idempotency.js';
import type { Operation } from '../operation.js';
import type { Vault } from '../vault.js';
import { defineOptions } from './define-options.js';
import { presentOne, readDefinition } from './schema-format.js';

export const addCollection: Operation<'addCollection'> = {
  id: 'addCollection',

  async run(call, vault) {
    const collection = defineCollection(readDefinition(call), defineOptions(call, vault));
    const { name } = collection;
    const facts = { collection: name, outcome: 'allowed' as const };
    await once(
      call,
      vault,
      () => facts,
      async () => ({
        answer: { name },
        facts,
        create: (record) => insert(call, vault, collection, record),
      }),
    );
    return presentOne(call, collectionNamed(await vault.metadata.get(), name).stored);
  },
};

/** Throws PV9003 for a name that is taken, in whatever case. */
async function insert(
  call: Call<'addCollection'>,
  vault: Vault,
  collection: Collection,
  record: IdempotencyRecord | null,
): Promise<void> {
  const taken = new VaultError('PV9003', { field: 'name' });
  if (isNameTaken(collection.name, call.metadata.collections.keys())) throw taken;
  try {
    await insertCollection(vault.database, collection, record);
  } catch (error) {
    throw error instanceof UniqueViolation ? taken : error;
  }
  vault.metadata.invalidate();
}
