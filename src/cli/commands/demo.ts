import { DemoVault } from '../../demo/demo-vault.js';
import { Narrator, NotAsExpected } from '../../demo/narrator.js';
import { tellStory } from '../../demo/story.js';
import { createLogger } from '../../logger.js';
import { CommandError, type Terminal } from '../terminal.js';

/**
 * Plays the whole story on a vault made for it, which goes away however the story ends. Throws {@link CommandError} naming the step where
 * something was not as expected.
 */
export async function demo(terminal: Terminal): Promise<void> {
  const { stdout, env } = terminal;
  const isTerminal = (stdout as { isTTY?: boolean }).isTTY === true;
  const narrator = new Narrator(stdout, isTerminal && !env.NO_COLOR);
  const began = Date.now();
  narrator.line('Starting a vault with a PostgreSQL of its own ...');

  const stopped = Promise.race([terminal.interrupted, closed(stdout)]);
  // Not raced: what was half started could not be taken away again.
  const vault = await DemoVault.start(createLogger('error', terminal.stderr));
  try {
    const ending = tellStory(narrator, vault).then(() => 'told' as const);
    if ((await Promise.race([ending, stopped])) !== 'told') throw new CommandError('The demo was interrupted.');
  } catch (error) {
    throw error instanceof NotAsExpected ? new CommandError(error.message) : error;
  } finally {
    await vault.remove();
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  narrator.line();
  narrator.line(`All ${narrator.checks} values were as expected (${seconds} s). Nothing is left behind.`);
}

/** Resolves when nobody reads any more, as with `| head`; without a listener that would end the process at once. */
function closed(output: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => output.on('error', () => resolve()));
}
