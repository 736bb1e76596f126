import { Command, InvalidArgumentError, Option } from 'commander';
import { EXPORT_FORMATS } from '../access-log/export/formats.js';
import { type Config, ConfigError, readConfig, variableOf } from '../config.js';
import { VERSION } from '../version.js';
import type { PruneOptions } from './commands/audit-prune.js';
import type { ExportOptions } from './commands/audit-export.js';
import type { LostOptions } from './commands/audit-lost.js';
import type { ProofOptions } from './commands/audit-proof.js';
import type { RenameOptions } from './commands/audit-rename.js';
import type { VerifyOptions } from './commands/audit-verify.js';
import type { WitnessOptions } from './commands/audit-witness.js';
import { addIdpCommands } from './idp/program.js';
import type { Terminal } from './terminal.js';

/** The command line, `coatcheck …`. Every command reads the settings from the environment, as the server does, and is loaded only when it runs. */
export function program(terminal: Terminal): Command {
  const coatcheck = new Command('coatcheck')
    .description('A PII vault: encrypted profile fields, randomized tokens, a provable access log.')
    .version(VERSION);
  const settings = (env = terminal.env) => readConfig(env);
  const development = () => settings({ ...terminal.env, COATCHECK_DEVMODE: 'true' });

  coatcheck
    .command('serve')
    .description('run a vault in production: settings from the environment, a PostgreSQL of yours')
    .action(async () => (await import('./commands/serve.js')).serve(production(settings()), terminal));
  coatcheck
    .command('dev')
    .description('run a vault for development on this machine, with a PostgreSQL of its own')
    .action(async () => (await import('./commands/serve.js')).serve(development(), terminal));
  coatcheck
    .command('demo')
    .description('play the whole story on a vault made for it, which leaves nothing behind')
    .action(async () => (await import('./commands/demo.js')).demo(terminal));
  coatcheck
    .command('migrate')
    .description("bring the database to this program's version")
    .action(async () => (await import('./commands/migrate.js')).migrateCommand(settings(), terminal));
  coatcheck
    .command('health')
    .description('ask the vault on this machine whether it can serve data; for container health checks')
    .action(async () => (await import('./commands/health.js')).health(settings()));

  const audit = coatcheck.command('audit').description('the access log');
  audit
    .command('verify')
    .description(
      'recompute the log, or an export of it without database and network, and name the first wrong entry',
    )
    .option('--export <file>', 'an export as `audit export` writes it; nothing but files is read then')
    .option('--checkpoint <file>', 'the signed checkpoint that it must lead to')
    .option('--key <vkey...>', "the log's verifier key, kept since before")
    .option('--witness <vkey...>', 'the verifier key of a witness that must have cosigned')
    .option('--since <file...>', 'an older checkpoint that the log must have grown from')
    .option('--unsigned-tail', 'accept entries behind the checkpoint, which nothing vouches for')
    .action(async (options: VerifyOptions & { export?: string }) => {
      const { export: file } = options;
      if (file === undefined) {
        await (await import('./commands/audit-verify.js')).auditVerify(settings(), options, terminal);
      } else {
        const { auditVerifyExport } = await import('./commands/audit-verify-export.js');
        await auditVerifyExport({ ...options, export: file }, terminal);
      }
    });
  audit
    .command('export')
    .description('write the log out, for an auditor or a SIEM; goes on where the last run stopped')
    .addOption(
      new Option('--format <format>', 'jsonl can be verified')
        .choices(Object.keys(EXPORT_FORMATS))
        .default('jsonl'),
    )
    .option('--out <file>', 'a file instead of standard output; it goes on behind its last whole line')
    .option('--checkpoint <file>', 'end at the newest checkpoint and write it to this file')
    .option('--from <index>', 'the first position, for a new export', position)
    .option('--to <index>', 'end before this position', position)
    .option('--follow', 'go on as the log grows, until SIGTERM')
    .option('--url <url>', 'post the lines to a collector, in order and at least once')
    .option('--header-file <file>', 'headers for it, a `Name: value` line each')
    .option('--position <file>', 'remember here how far the collector has come')
    .action(async (options: ExportOptions) =>
      (await import('./commands/audit-export.js')).auditExport(settings(), options, terminal),
    );
  audit
    .command('proof')
    .description('verify without database and network that an entry is in the log')
    .requiredOption(
      '--verify <file>',
      'a C2SP tlog-proof, as `audit/proof/inclusion?format=tlog-proof` answers it',
    )
    .requiredOption('--entry <file>', 'the exact bytes of the entry, or its line of an export')
    .requiredOption('--key <vkey...>', "the log's verifier key, kept since before")
    .option('--witness <vkey...>', 'the verifier key of a witness that must have cosigned')
    .action(async (options: ProofOptions) =>
      (await import('./commands/audit-proof.js')).auditProof(options, terminal),
    );
  audit
    .command('prune')
    .description(
      'take the bytes of entries past their retention out of the database, once an export holds them',
    )
    .requiredOption(
      '--export <file>',
      'the export that holds them; it is brought up to date and proved first',
    )
    .option(
      '--before <time>',
      'only entries before this time, instead of all that the retention lets go',
      instant,
    )
    .action(async (options: PruneOptions) =>
      (await import('./commands/audit-prune.js')).auditPrune(settings(), options, terminal),
    );
  audit
    .command('lost')
    .description('after a restore: write out the entries of an export that the log does not have any more')
    .requiredOption('--export <file>', 'an export in jsonl that was kept elsewhere')
    .action(async (options: LostOptions) =>
      (await import('./commands/audit-lost.js')).auditLost(settings(), options, terminal),
    );
  audit
    .command('rename')
    .description('after a restore: give the log another name and key; the vault may be running')
    .requiredOption('--origin <name>', 'a name that the log never had')
    .action(async (options: RenameOptions) =>
      (await import('./commands/audit-rename.js')).auditRename(settings(), options, terminal),
    );
  audit
    .command('witness')
    .description('run a witness: cosign the checkpoints of logs that only grow; needs no database')
    .requiredOption('--log <vkey...>', 'verifier key of a log, as `audit/keys` lists it')
    .requiredOption('--state <directory>', 'where it keeps its key and what it remembers')
    .option('--name <name>', "the witness' name in its signatures", 'coatcheck-witness')
    .option('--listen <address>', 'address and port', '127.0.0.1:8124')
    .action(async (options: WitnessOptions) =>
      (await import('./commands/audit-witness.js')).auditWitness(options, terminal),
    );

  const keys = coatcheck.command('keys').description('the keys');
  keys
    .command('rewrap')
    .description('after a rotation: wrap the keys of all objects by the newest version now')
    .action(async () => (await import('./commands/keys-rewrap.js')).keysRewrap(settings(), terminal));
  addIdpCommands(coatcheck, terminal);
  audit
    .command('rebuild')
    .description('make anew what the log is searched by; the vault may be running')
    .action(async () => (await import('./commands/audit-rebuild.js')).auditRebuild(settings(), terminal));
  return coatcheck;
}

/** Settings of a server that others reach: development's open door, switched on by mistake, is refused. */
function production(config: Config): Config {
  if (!config.devmode) return config;
  throw new ConfigError([
    `${variableOf('devmode')} is set: development mode runs with \`npm start\`, \`coatcheck serve\` is production.`,
  ]);
}

function position(text: string): number {
  if (/^(0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a position in the log.');
}

function instant(text: string): Date {
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\d(T.*)?$/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('It must be a date such as 2026-01-31, or a time in RFC 3339.');
}
