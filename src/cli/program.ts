import { Command } from 'commander';
import { type Config, ConfigError, readConfig, variableOf } from '../config.js';
import { VERSION } from '../version.js';
import { auditRebuild } from './commands/audit-rebuild.js';
import { auditVerify } from './commands/audit-verify.js';
import { type WitnessOptions, auditWitness } from './commands/audit-witness.js';
import { demo } from './commands/demo.js';
import { health } from './commands/health.js';
import { keysRewrap } from './commands/keys-rewrap.js';
import { migrateCommand } from './commands/migrate.js';
import { serve } from './commands/serve.js';
import type { Terminal } from './terminal.js';

/** The command line, `coatcheck …`. Every command reads the settings from the environment, as the server does. */
export function program(terminal: Terminal): Command {
  const coatcheck = new Command('coatcheck')
    .description('A PII vault: encrypted profile fields, randomized tokens, a provable access log.')
    .version(VERSION);
  const settings = (env = terminal.env) => readConfig(env);
  const development = () => settings({ ...terminal.env, COATCHECK_DEVMODE: 'true' });

  coatcheck
    .command('serve')
    .description('run a vault in production: settings from the environment, a PostgreSQL of yours')
    .action(() => serve(production(settings()), terminal));
  coatcheck
    .command('dev')
    .description('run a vault for development on this machine, with a PostgreSQL of its own')
    .action(() => serve(development(), terminal));
  coatcheck
    .command('demo')
    .description('play the whole story on a vault made for it, which leaves nothing behind')
    .action(() => demo(terminal));
  coatcheck
    .command('migrate')
    .description("bring the database to this program's version")
    .action(() => migrateCommand(settings(), terminal));
  coatcheck
    .command('health')
    .description('ask the vault on this machine whether it can serve data; for container health checks')
    .action(() => health(settings()));

  const audit = coatcheck.command('audit').description('the access log');
  audit
    .command('verify')
    .description('recompute the log and name the first wrong entry')
    .action(() => auditVerify(settings(), terminal));
  audit
    .command('witness')
    .description('run a witness: cosign the checkpoints of logs that only grow; needs no database')
    .requiredOption('--log <vkey...>', 'verifier key of a log, as `audit/keys` lists it')
    .requiredOption('--state <directory>', 'where it keeps its key and what it remembers')
    .option('--name <name>', "the witness' name in its signatures", 'coatcheck-witness')
    .option('--listen <address>', 'address and port', '127.0.0.1:8124')
    .action((options: WitnessOptions) => auditWitness(options, terminal));

  const keys = coatcheck.command('keys').description('the keys');
  keys
    .command('rewrap')
    .description('after a rotation: wrap the keys of all objects by the newest version now')
    .action(() => keysRewrap(settings(), terminal));
  audit
    .command('rebuild')
    .description('make anew what the log is searched by; the vault may be running')
    .action(() => auditRebuild(settings(), terminal));
  return coatcheck;
}

/** Settings of a server that others reach: development's open door, switched on by mistake, is refused. */
function production(config: Config): Config {
  if (!config.devmode) return config;
  throw new ConfigError([
    `${variableOf('devmode')} is set: development mode runs with \`npm start\`, \`coatcheck serve\` is production.`,
  ]);
}
