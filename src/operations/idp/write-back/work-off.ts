import type { Logger } from 'winston';
import { VaultError } from '../../../errors.js';
import type { TakenJob } from '../../../store/write-back-queue.js';
import { asVaultError } from '../../access.js';
import type { Vault } from '../../vault.js';
import { ComeBackLater, type ProviderApi } from './provider-api.js';
import { restore } from './restore.js';
import { writeBack } from './write-back.js';

/** However often a provider says to come back later, after a day that is a failure. */
const LONGEST_POSTPONED_MS = 24 * 3600 * 1000;

/** Whether any hook says where its provider's API is; without one no queue is looked at. */
export async function writesBack(vault: Vault): Promise<boolean> {
  const { iam } = await vault.metadata.get();
  return [...iam.config.idpHooks.values()].some((hook) => hook.writeBack !== undefined);
}

/** Does the jobs that are due, one after the other, until there is none or the vault stops. Several instances share them. */
export async function workOff(
  vault: Vault,
  providers: ProviderApi,
  log: Logger,
  stopped: () => boolean,
): Promise<void> {
  while (!stopped()) {
    // One at a time: what is taken and not begun would have to wait for its time to run out when the vault stops.
    const [taken] = await vault.writeBack.take(1);
    if (!taken) return;
    await settle(vault, providers, log, taken);
  }
}

async function settle(vault: Vault, providers: ProviderApi, log: Logger, taken: TakenJob): Promise<void> {
  const { job, isLast } = taken;
  try {
    if (job.restore) await restore(vault, providers, job, job.restore);
    else await writeBack(vault, providers, job);
    await vault.writeBack.done(taken);
  } catch (error) {
    const isLate = Date.now() - job.since > LONGEST_POSTPONED_MS;
    if (error instanceof ComeBackLater && !isLate) {
      await vault.writeBack.postpone(taken, error.seconds);
      return;
    }
    const fault = asVaultError(error instanceof ComeBackLater ? new VaultError('PV9113') : error);
    await vault.writeBack.fail(taken, fault.code);
    const facts = { hook: job.hook, error_code: fault.code, detail: fault.detail };
    if (isLast) log.error('a change at an identity provider was given up', facts);
    else log.warn('a change at an identity provider failed and will be tried again', facts);
  }
}
