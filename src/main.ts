import { CommandError, type Terminal } from './cli/terminal.js';
import { program } from './cli/program.js';
import { ConfigError } from './config.js';
import { RootKeyError } from './crypto/index.js';
import { VaultError } from './errors.js';
import { EmbeddedPostgresError } from './store/embedded/index.js';
import { MigrationError } from './store/migrations/migrate.js';
import { VaultModeError } from './store/vault-identity.js';

/** Errors whose message was written for the person at the terminal; any other is a fault of ours and shows where it happened. */
const FOR_PEOPLE = [
  CommandError,
  ConfigError,
  RootKeyError,
  EmbeddedPostgresError,
  MigrationError,
  VaultModeError,
  VaultError,
];

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
  if (FOR_PEOPLE.some((kind) => error instanceof kind)) {
    const { message, detail } = error as Error & { readonly detail?: string };
    process.stderr.write(detail === undefined ? `${message}\n` : `${message} (${detail})\n`);
  } else {
    process.stderr.write(
      `Coatcheck stopped on a fault: ${error instanceof Error ? error.stack : 'unknown'}\n`,
    );
  }
}
