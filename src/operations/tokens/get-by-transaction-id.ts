import { VaultError } from '../../errors.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, touchTokens } from '../permit.js';
import { referencesTo } from './token-facts.js';
import { findTransaction, openTransaction } from './transaction-record.js';

export const getByTransactionId: Operation<'getByTransactionId'> = {
  id: 'getByTransactionId',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const { rule } = await permit(call, collection, touchTokens('read'), {});
    const records = await findTransaction(vault, collection, call.path.id);
    if (records.length === 0) throw new VaultError('PV9046');

    const ids: string[] = [];
    for (const record of records) ids.push(...(await openTransaction(vault, record)));
    const tokens = referencesTo(vault, collection, ids);
    await call.record({ collection: collection.name, tokens, outcome: 'allowed', rule });
    return { ref_ids: ids };
  },
};
