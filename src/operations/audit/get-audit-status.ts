import { readLogHead } from '../../store/access-log/append.js';
import { cosignedSize } from '../../store/access-log/checkpoints.js';
import { prunedSize } from '../../store/access-log/pruned.js';
import type { Operation } from '../operation.js';
import type { Vault } from '../vault.js';

export const getAuditStatus: Operation<'getAuditStatus'> = {
  id: 'getAuditStatus',

  async run(call, vault) {
    await call.record({ outcome: 'allowed' });
    const { size } = await readLogHead(vault.database);
    const checkpoint = await vault.checkpoints.latest();
    const { problem } = vault.checkpoints;
    const problems = [...(problem === null ? [] : [problem]), ...vault.alarms.problems];
    return {
      size,
      pruned_size: await prunedSize(vault.database),
      checkpoint_size: checkpoint.size,
      checkpoint_time: checkpoint.createdAt.toISOString(),
      problems: [...new Set(problems)],
      witnesses: await Promise.all(vault.witnesses.map((witness) => presentWitness(vault, witness))),
    };
  },
};

async function presentWitness(
  { database }: Vault,
  { address, refused, problem }: Vault['witnesses'][number],
) {
  const { name } = address.key;
  return {
    name,
    cosigned_size: await cosignedSize(database, name),
    refused,
    ...(problem !== null && { problem }),
  };
}
