/**
 * Fills a vault directly and tells how fast and how large: `node bench/generate.mjs [--objects 100000] [--keep-indexes]`, after `npm run build`.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fillDirectly } from './fill.mjs';
import { machine } from './machine.mjs';
import { INDEXED_SCHEMA } from './people.mjs';
import { startPostgres } from './postgres.mjs';
import { cleanUp, cleanUpOnSignals } from './processes.mjs';
import { startVault } from './vault.mjs';

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '100000' },
    'keep-indexes': { type: 'boolean', default: false },
  },
});

cleanUpOnSignals();
try {
  const postgres = await startPostgres();
  const fill = fillDirectly(Number(values.objects), console.log, { keepIndexes: values['keep-indexes'] });
  const options = { dist: fileURLToPath(new URL('../dist/', import.meta.url)), cpuProf: undefined };
  await startVault(postgres, 'filled', options, fill, { schema: INDEXED_SCHEMA });
  console.log(machine(postgres));
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof Error ? error.message : error);
} finally {
  await cleanUp();
}
