import { type Command, InvalidArgumentError, Option } from 'commander';
import type { IdpDoctorOptions } from '../commands/idp-doctor.js';
import type { IdpMigrateOptions } from '../commands/idp-migrate.js';
import type { IdpScanOptions } from '../commands/idp-scan.js';
import type { Terminal } from '../terminal.js';

/** What can have made a file of users; the modules that read them are loaded only when a command runs. */
const MADE_BY = ['auth0', 'cognito', 'keycloak', 'ldif', 'logto', 'oidc', 'scim', 'custom'];
const LAYOUTS = ['ndjson', 'json', 'csv', 'ldif'];
const PHASES = ['vault', 'link', 'scrub', 'verify'];
const PAGE_SIZE = 200;

/** `coatcheck idp …`: moving the users of an identity provider over. They need no database: they speak to a vault, or to nobody. */
export function addIdpCommands(coatcheck: Command, terminal: Terminal): void {
  const idp = coatcheck.command('idp').description('users of an identity provider');
  idp
    .command('migrate')
    .description('take the users of an export into the vault, and say what to change at the provider then')
    .requiredOption('--in <file...>', 'the export, also packed as .gz')
    .addOption(new Option('--from <name>', 'what made it').choices(MADE_BY).makeOptionMandatory())
    .requiredOption(
      '--issuer <issuer>',
      "the hook's: a tenant's name, a pool's id, a realm's name, an issuer's URL",
    )
    .option('--map <file>', 'for custom: columns of the file -> places at the provider (TOML)')
    .addOption(new Option('--layout <layout>', 'where the name of the file does not say it').choices(LAYOUTS))
    .option('--subject <attribute>', "ldif and scim: the attribute that is the user's `sub`")
    .option('--remove-names', 'keycloak: also remove first and last names')
    .addOption(
      new Option('--phase <phase>', 'vault; link and scrub also write what to send to the provider; verify')
        .choices(PHASES)
        .default('vault'),
    )
    .option('--dry-run', 'change nothing, report what would be done')
    .option('--journal <file>', 'how far it is; the same command goes on there')
    .option('--out <file>', 'link and scrub: the requests for the provider, a line each')
    .option('--write-back', "scrub: the vault itself changes them, through the hook's write_back")
    .option(
      '--rollback <journal>',
      'put back at the provider what the scrub of this journal removed; with --phase verify look whether it is there',
    )
    .option(
      '--scrub-key-file <file>',
      'rollback: the API key that the scrub was run with, where it is another',
    )
    .option('--rate <users>', 'at most so many users a second', count)
    .option('--page-size <users>', 'users in one request', count, PAGE_SIZE)
    .option('--json', 'report as JSON')
    .option('--url <url>', 'the vault, instead of COATCHECK_URL')
    .option('--key-file <file>', 'a file with the API key, instead of COATCHECK_API_KEY')
    .action(async ({ rollback, ...options }: IdpMigrateOptions) =>
      rollback === undefined
        ? (await import('../commands/idp-migrate.js')).idpMigrate(options, terminal)
        : (await import('../commands/idp-rollback.js')).idpRollback({ ...options, rollback }, terminal),
    );
  idp
    .command('scan')
    .description('look through an export for personal data, without a vault: places and numbers only')
    .requiredOption('--in <file...>', 'the export, also packed as .gz')
    .addOption(new Option('--layout <layout>', 'where the name of the file does not say it').choices(LAYOUTS))
    .option('--allow <place...>', 'places that may hold some, such as the address that users sign in with')
    .option('--json', 'report as JSON')
    .action(async (options: IdpScanOptions) =>
      (await import('../commands/idp-scan.js')).idpScan(options, terminal),
    );
  idp
    .command('keycloak-jar')
    .description("write Keycloak's script providers, the JAR for its folder `providers`")
    .requiredOption('--out <file>', 'such as keycloak-pii.jar')
    .action(async ({ out }: { out: string }) =>
      (await import('../commands/idp-keycloak-jar.js')).idpKeycloakJar(out),
    );
  idp
    .command('doctor')
    .description('look at everything between a hook and the vault, and say what to put right')
    .requiredOption('--provider <provider>', 'such as auth0')
    .requiredOption('--issuer <issuer>', 'as the hook in the IAM configuration names it')
    .addOption(
      new Option('--purpose <purpose>', 'what the key is for')
        .choices(['login', 'import', 'erase'])
        .default('login'),
    )
    .option('--claim <name>', 'the claim that the hook itself was told (COATCHECK_CLAIM)')
    .option('--json', 'findings as JSON')
    .option('--url <url>', 'the vault, instead of COATCHECK_URL')
    .option('--key-file <file>', 'a file with the API key, instead of COATCHECK_API_KEY')
    .action(async (options: IdpDoctorOptions) =>
      (await import('../commands/idp-doctor.js')).idpDoctor(options, terminal),
    );
}

function count(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
