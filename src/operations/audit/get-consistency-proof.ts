import { readConsistencyProof } from '../../access-log/tree-reader.js';
import { VaultError } from '../../errors.js';
import type { Operation } from '../operation.js';

export const getConsistencyProof: Operation<'getConsistencyProof'> = {
  id: 'getConsistencyProof',

  async run(call, { checkpoints, database }) {
    const { from, to } = call.query;
    if (from > to) throw new VaultError('PV9006', { field: 'from' });

    await call.record({ outcome: 'allowed' });
    const { size } = await checkpoints.latest();
    if (to > size) throw new VaultError('PV9080', { field: 'to' });
    const proof = await readConsistencyProof(database, from, to);
    return { from, to, proof: proof.map((hash) => hash.toString('base64')) };
  },
};
