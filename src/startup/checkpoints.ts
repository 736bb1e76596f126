import type { Logger } from 'winston';
import { publishCheckpoint } from '../access-log/publish-checkpoint.js';
import { WitnessClient, parseWitnessAddress } from '../access-log/witness/client.js';
import { isKeyName } from '../access-log/note.js';
import { type Config, ConfigError, variableOf } from '../config.js';
import type { Vault } from '../operations/vault.js';
import { thinCheckpoints } from '../store/access-log/checkpoints.js';
import type { Database } from '../store/database.js';
import type { IntegrityAlarms } from './integrity-alarms.js';

const EVERY_MS = 1_000;
/** Entries after which a checkpoint does not wait for its second. */
const EVERY_ENTRIES = 1_000;
const THIN_EVERY_MS = 60 * 60_000;
/** How long every single checkpoint is kept. */
const KEPT_WHOLE_MS = 24 * 60 * 60_000;

/** The witnesses that the settings name. Throws {@link ConfigError} for what is none, and for a name of the log that cannot be one. */
export function witnessesOf(config: Config, database: Database): WitnessClient[] {
  const problems: string[] = [];
  const origin = config['audit.origin'];
  if (origin !== '' && !isKeyName(origin)) {
    problems.push(`${variableOf('audit.origin')} must have neither white space nor a plus sign.`);
  }
  const clients = config['audit.witnesses'].flatMap((text) => {
    try {
      return [new WitnessClient(database, parseWitnessAddress(text))];
    } catch (error) {
      problems.push(`${variableOf('audit.witnesses')}: ${(error as Error).message}.`);
      return [];
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return clients;
}

/**
 * Signs the log every second in which it grew, or after 1,000 entries, has the checkpoint cosigned and published. Safe on several instances:
 * they sign the same. Returns the way to stop it, which signs once more.
 */
export function startCheckpoints(
  vault: Vault,
  alarms: IntegrityAlarms,
  config: Config,
  log: Logger,
): () => Promise<void> {
  const { database, checkpoints, witnesses } = vault;
  const sinks = { file: config['audit.checkpoint_file'], url: config['audit.checkpoint_url'] };
  let published = -1;
  let thinned = 0;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    const checkpoint = await checkpoints.sign().catch((error: unknown) => {
      if (checkpoints.problem === null) throw error;
      return null;
    });
    if (checkpoint) {
      await Promise.all(witnesses.map((witness) => witness.submit(checkpoint)));
      if (checkpoint.size !== published) {
        await publishCheckpoint(await checkpoints.note(checkpoint), sinks);
        published = checkpoint.size;
      }
      if (Date.now() - thinned > THIN_EVERY_MS) {
        await thinCheckpoints(database, new Date(Date.now() - KEPT_WHOLE_MS));
        thinned = Date.now();
      }
    }
    const refusals = witnesses.filter(({ refused }) => refused);
    await alarms.raise('checkpoints', [
      ...(checkpoints.problem === null ? [] : [checkpoints.problem]),
      ...refusals.map(({ address, problem }) => `witness ${address.key.name}: ${problem}`),
    ]);
  }

  const tick = (): void => {
    running ??= run()
      .catch((error: unknown) => {
        log.warn('checkpoint', { error_code: (error as { code?: unknown }).code });
      })
      .finally(() => (running = undefined));
  };
  const timer = setInterval(tick, EVERY_MS);
  vault.log.onGrowth(EVERY_ENTRIES, tick);

  return async () => {
    clearInterval(timer);
    vault.log.onGrowth(Infinity, () => undefined);
    await running;
    await vault.log.flush();
    tick();
    await running;
  };
}
