import { DemoVault } from '../../demo/demo-vault.js';
import { Narrator, NotAsExpected } from '../../demo/narrator.js';
import { tellStory } from '../../demo/story.js';
import { createLogger } from '../../logger.js';
import { CommandError, type Terminal } from '../terminal.js';

const INTRODUCTION = `
A PII vault keeps what is personal. Everybody else holds random tokens, and a token turns back
into a value only for a client whose role allows it, masked as that role says. Every access is
recorded.

This is the whole story on a real vault with a real PostgreSQL, both started for it: a user logs
in, the PII moves into the vault, four services use the token, an auditor looks at who saw what.
Lines with > were sent, lines with < came back, and what follows an ok was checked.`;

/**
 * Plays the whole story on a vault made for it, which goes away however the story ends. Throws {@link CommandError} naming the step where
 * something was not as expected.
 */
export async function demo(terminal: Terminal): Promise<void> {
  const { stdout, env } = terminal;
  const isTerminal = (stdout as { isTTY?: boolean }).isTTY === true;
  const narrator = new Narrator(stdout, isTerminal && !env.NO_COLOR);
  const began = Date.now();
  narrator.line(INTRODUCTION);

  const stopped = Promise.race([terminal.interrupted, closed(stdout)]);
  // Not raced: what was half started could not be taken away again.
  const vault = await DemoVault.start(createLogger('error', terminal.stderr));
  let told = false;
  try {
    await Promise.race([tellStory(narrator, vault).then(() => (told = true)), stopped]);
  } catch (error) {
    throw new CommandError(`Failed at ${narrator.at}: ${whatWentWrong(error)}`);
  } finally {
    await vault.remove();
  }
  if (!told) throw new CommandError(`Interrupted at ${narrator.at}. Nothing is left behind.`);

  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  narrator.line();
  narrator.line(`All ${narrator.checks} values were as expected (${seconds} s). Nothing is left behind.`);
}

/** A sentence where the story says what it expected; for a fault of the demo's own, where it happened. */
function whatWentWrong(error: unknown): string {
  if (error instanceof NotAsExpected) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : 'unknown';
}

/** Resolves when nobody reads any more, as with `| head`; without a listener that would end the process at once. */
function closed(output: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => output.on('error', () => resolve()));
}
