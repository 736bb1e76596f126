import type { Logger } from 'winston';
import { asVaultError } from '../operations/access.js';
import { ProviderApi } from '../operations/idp/write-back/provider-api.js';
import { workOff, writesBack } from '../operations/idp/write-back/work-off.js';
import type { Vault } from '../operations/vault.js';
import { startJob } from './periodic-job.js';

const EVERY_MS = 2_000;
const MAINTAIN_EVERY_SECONDS = 60;

/**
 * Works off what is to be changed at identity providers; once a minute one instance gives back what others left. Returns the way to stop it, which
 * waits for the jobs under way.
 */
export function startWriteBack(vault: Vault, log: Logger): () => Promise<void> {
  const providers = new ProviderApi(vault);
  let stopping = false;
  let running: Promise<void> | undefined;
  const look = (): void => {
    if (!stopping) running ??= work().finally(() => (running = undefined));
  };
  const timer = setInterval(look, EVERY_MS);
  vault.writeBack.onAdded = look;

  async function work(): Promise<void> {
    try {
      if (await writesBack(vault)) await workOff(vault, providers, log, () => stopping);
    } catch (error) {
      log.warn('idp write-back', { error_code: asVaultError(error).code });
    }
  }

  const stopMaintenance = startJob(vault.database, log, {
    name: 'idp write-back maintenance',
    intervalSeconds: MAINTAIN_EVERY_SECONDS,
    longestWaitMs: MAINTAIN_EVERY_SECONDS * 1000,
    run: async () => {
      if (await writesBack(vault)) await vault.writeBack.maintain();
    },
  });
  return async () => {
    stopping = true;
    clearInterval(timer);
    await Promise.all([running, stopMaintenance()]);
  };
}
