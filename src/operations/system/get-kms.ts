import type { Operation } from '../operation.js';

/** A provider that does not answer for so long does not answer. */
const PATIENCE_MS = 5_000;

export const getKms: Operation<'getKms'> = {
  id: 'getKms',

  async run(call, vault) {
    const { type, answers } = vault.rootKey;
    await call.record({ outcome: 'allowed' });
    return { kms: { type, status: (await inTime(answers())) ? 'pass' : 'fail' } };
  },
};

async function inTime(answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
