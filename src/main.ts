import type { Terminal } from './cli/terminal.js';
import { program } from './cli/program.js';
import { OperatorError, VaultError } from './errors.js';

const terminal: Terminal = {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: new Promise((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
    process.on('SIGHUP', () => resolve());
    // Node opens a debugger on this signal otherwise, through which every key in memory could be read.
    process.on('SIGUSR1', () => undefined);
  }),
};

try {
  await program(terminal).parseAsync(process.argv);
} catch (error) {
  process.exitCode = 1;
  if (error instanceof OperatorError || error instanceof VaultError) {
    const detail = error instanceof VaultError && error.detail !== undefined ? ` (${error.detail})` : '';
    process.stderr.write(`${error.message}${detail}\n`);
  } else {
    // Any other is a fault of ours and shows where it happened.
    process.stderr.write(
      `Coatcheck stopped on a fault: ${error instanceof Error ? error.stack : 'unknown'}\n`,
    );
  }
}
