import cluster from 'node:cluster';
import { program } from './cli/program.js';
import { type Terminal, messageOf } from './cli/terminal.js';

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
  const message = messageOf(error);
  if (message === null) {
    // Any other is a fault of ours and shows where it happened.
    process.stderr.write(
      `Coatcheck stopped on a fault: ${error instanceof Error ? error.stack : 'unknown'}\n`,
    );
  } else if (!cluster.isWorker) {
    // What a worker has to say the primary says.
    process.stderr.write(`${message}\n`);
  }
}

// The line to the primary would keep a worker's process from ending.
if (cluster.worker?.isConnected()) cluster.worker.disconnect();
