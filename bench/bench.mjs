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
import { startScaleContestants } from './scale.mjs';
import { startBare } from './bare.mjs';
import { startVault } from './vault.mjs';

const options = readOptions(process.argv.slice(2));
const say = options.json ? () => undefined : (line) => console.log(line);

cleanUpOnSignals();
try {
  say('Starting PostgreSQL and the contestants ...');
  const postgres = await startPostgres();
  const contestants = options.scale
    ? await startScaleContestants(postgres, options, say)
    : [
        await startVault(postgres, 'vault', options),
        ...(options.against
          ? [await startVault(postgres, 'other', { ...options, dist: options.against })]
          : []),
        await startBare(postgres, 'bare'),
        await startBare(postgres, 'bare_audited'),
      ];

  const results = [];
  for (const scenario of scenarios(options)) {
    say(`${scenario}: ${options.rounds} rounds of ${contestants.map(({ name }) => name).join(', ')} ...`);
    for (const contestant of contestants) await load(contestant, scenario, options, options.warmUpSeconds);
    const measured = await inTurn(contestants, options.rounds, (contestant) =>
      load(contestant, scenario, options, options.seconds),
    );
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
