import { cleanUp, cleanUpOnSignals } from './processes.mjs';

/**
 * Runs a bench to its end, prints its results as a table, or as `json` all that it found, and undoes what was started however it ends. Where it fails the status is 1.
 * @param {() => Promise<{ results: object }>} run
 * @param {boolean} json
 */
export async function runBench(run, json) {
  cleanUpOnSignals();
  try {
    const found = await run();
    if (json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    else console.table(found.results);
  } catch (error) {
    process.exitCode = 1;
    console.error(error instanceof Error ? error.message : error);
  } finally {
    await cleanUp();
  }
}
