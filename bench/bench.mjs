/**
 * The load bench: the vault and the bare baselines, loaded in turn over one PostgreSQL. README.md says how to read what it prints.
 */
import { inTurn } from './rounds.mjs';
import { load } from './load.mjs';
import { machine } from './machine.mjs';
import { readOptions } from './options.mjs';
import { startPostgres } from './postgres.mjs';
import { cleanUp, cleanUpOnSignals } from './processes.mjs';
import { document, printTable } from './report.mjs';
import { scenarios } from './scenarios.mjs';
import { SCALE_SHARED_BUFFERS, startScaleContestants } from './scale.mjs';
import { hasPgcrypto, startBare } from './bare.mjs';
import { turnsOf } from './turns.mjs';
import { openRequestLog } from './request-log.mjs';
import { fillWithCiphertexts, startVault } from './vault.mjs';

const options = readOptions(process.argv.slice(2));
const say = options.json ? () => undefined : (line) => console.log(line);

cleanUpOnSignals();
try {
  const wanted = scenarios(options);
  say('Starting PostgreSQL and the contestants ...');
  const postgres = await startPostgres(options.scale ? { sharedBuffers: SCALE_SHARED_BUFFERS } : {});
  const contestants = options.scale
    ? await startScaleContestants(postgres, options, say)
    : [
        await startVault(postgres, 'vault', options),
        ...(options.against
          ? [await startVault(postgres, 'other', { ...options, dist: options.against })]
          : []),
        ...(options.noLog
          ? [await startVault(postgres, 'without_log', options, undefined, { withoutLog: true })]
          : []),
        await startBare(postgres, 'bare'),
        await startBare(postgres, 'bare_audited'),
        ...(options.quick ? [] : await startPgcrypto(postgres)),
        ...(wanted.includes('decrypt_many') ? [await startLogged(postgres, options)] : []),
      ];

  const results = [];
  for (const scenario of wanted) {
    const turns = turnsOf(scenario, contestants);
    say(`${scenario}: ${options.rounds} rounds of ${turns.map(({ name }) => name).join(', ')} ...`);
    const loadFor = (/** @type {number} */ seconds) => (/** @type {import('./turns.mjs').Turn} */ turn) =>
      load(turn.contestant, turn.scenario, options, seconds, turn.connections);
    for (const turn of turns) await loadFor(options.warmUpSeconds)(turn);
    const measured = await inTurn(turns, options.rounds, loadFor(options.seconds));
    results.push({ scenario, measured });
  }

  const logs = [];
  for (const contestant of contestants) if (contestant.verify) logs.push(await contestant.verify());
  const found = document({ options, results, logs, machine: machine(postgres) });
  if (options.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else printTable(found);
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof Error ? error.message : error);
} finally {
  await cleanUp();
}

/**
 * A vault whose request log is read, and nothing else compared with it.
 * @param {import('./postgres.mjs').Postgres} postgres
 * @param {import('./options.mjs').Options} options
 */
async function startLogged(postgres, options) {
  return startVault(postgres, 'logged', options, fillWithCiphertexts, { requestLog: await openRequestLog() });
}

/**
 * The baseline that encrypts in PostgreSQL, where this one can.
 * @param {import('./postgres.mjs').Postgres} postgres
 */
async function startPgcrypto(postgres) {
  if (await hasPgcrypto(postgres)) return [await startBare(postgres, 'bare_pgcrypto')];
  console.error('This PostgreSQL comes without pgcrypto: nothing is compared with bare_pgcrypto.');
  return [];
}
