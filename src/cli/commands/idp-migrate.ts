import { Coverage } from '../idp/coverage.js';
import { Journal } from '../idp/journal.js';
import { type Phase, migrate } from '../idp/migration.js';
import { progressOn } from '../idp/progress.js';
import { RequestFile } from '../idp/request-file.js';
import { sourceOf } from '../idp/source-of.js';
import { type Layout, readUsers } from '../idp/user-files.js';
import { VaultConnection, vaultSettings } from '../idp/vault-connection.js';
import { CommandError, type Terminal } from '../terminal.js';

/** What the command line says. */
export interface IdpMigrateOptions {
  readonly in: readonly string[];
  readonly from: string;
  readonly map?: string;
  readonly issuer: string;
  readonly layout?: Layout;
  readonly subject?: string;
  readonly removeNames?: boolean;
  readonly phase: Phase;
  readonly dryRun?: boolean;
  readonly journal?: string;
  readonly out?: string;
  readonly writeBack?: boolean;
  /** The journal of the scrub that is gone back on. */
  readonly rollback?: string;
  readonly scrubKeyFile?: string;
  readonly pageSize: number;
  readonly rate?: number;
  readonly url?: string;
  readonly keyFile?: string;
  readonly json?: boolean;
}

const COPIES = `What the provider had is also in copies that this command cannot reach:
  the exports themselves, unpacked and packed (delete them);
  the provider's logs and log streams, and whatever they are sent to;
  what it keeps of other providers (identities, federated accounts), and of events;
  backups of its database.
`;

/**
 * Takes the users of an export into the vault, and says what to change at the provider then. The report is names and numbers. Throws {@link CommandError} for options that do not fit together, a vault
 * that refuses, and at the end where not every user could be done.
 */
export async function idpMigrate(options: IdpMigrateOptions, terminal: Terminal): Promise<void> {
  checkOptions(options);
  const source = sourceOf(options);
  const settings = vaultSettings(terminal.env, options);
  const stop = new AbortController();
  void terminal.interrupted.then(() => stop.abort());
  const vault = new VaultConnection(settings, stop.signal, (problem) =>
    terminal.stderr.write(`The vault did not take the users (${problem}); trying again.\n`),
  );
  const { capabilities } = await vault.hook(source.provider, options.issuer);
  if (!capabilities.includes('CapIdpImport'))
    throw new CommandError("The role of the key's user must hold CapIdpImport.");

  const { phase, dryRun = false, writeBack = false } = options;
  const isForShow = dryRun || phase === 'verify';
  const subject = { provider: source.provider, issuer: options.issuer, phase };
  const journal = isForShow ? null : await Journal.open(options.journal!, settings.apiKey, subject);
  const coverage = new Coverage();
  let requests: RequestFile | null = null;
  try {
    if (options.out !== undefined && !isForShow)
      requests = await RequestFile.open(options.out, journal!.progress.written, journal!.isNew);
    const { personalIds } = await migrate({
      users: readUsers(options.in, options.layout, options.from === 'auth0'),
      ...{ source, vault, phase, dryRun, writeBack, journal, requests, coverage, stopped: stop.signal },
      context: {
        issuer: options.issuer,
        subject: options.subject,
        removesNames: options.removeNames ?? false,
      },
      ...{ pageSize: options.pageSize, rate: options.rate, onProgress: progressOn(terminal.stderr) },
    });
    say(terminal, options, coverage);
    if (personalIds > 0)
      terminal.stderr.write(
        `${options.out} names ${personalIds} users by ids that look like personal data.\n`,
      );
    if (phase === 'scrub' && !isForShow) terminal.stderr.write(COPIES);
  } finally {
    // A page that is still on its way after a failure is not waited for.
    stop.abort();
    await requests?.close();
    await journal?.close();
  }
  judge(coverage, options);
}

function checkOptions({ phase, journal, out, writeBack, dryRun, scrubKeyFile }: IdpMigrateOptions): void {
  const isForShow = dryRun === true || phase === 'verify';
  if (isForShow && (journal !== undefined || out !== undefined || writeBack))
    throw new CommandError(
      'A dry run and a verification change nothing: they take neither --journal nor --out nor --write-back.',
    );
  if (scrubKeyFile !== undefined) throw new CommandError('--scrub-key-file is for --rollback.');
  if (!isForShow && journal === undefined) throw new CommandError('--journal is missing.');
  if (writeBack && phase !== 'scrub') throw new CommandError('--write-back is for the phase scrub.');
  const writes = phase === 'link' || (phase === 'scrub' && !writeBack);
  if (!isForShow && writes !== (out !== undefined))
    throw new CommandError('--out is for the phases link and scrub, and they need it or --write-back.');
}

function say({ stdout }: Terminal, { json }: IdpMigrateOptions, coverage: Coverage): void {
  stdout.write(json ? `${JSON.stringify(coverage.report)}\n` : coverage.toString());
}

/** Whether the command did what it is for. */
function judge(coverage: Coverage, { phase, dryRun }: IdpMigrateOptions): void {
  const { unlinked, places } = coverage.leftovers;
  if (phase === 'verify' && !dryRun && (unlinked > 0 || places > 0))
    throw new CommandError('The provider still has what the vault has, or users without their object id.');
  if (coverage.failed > 0)
    throw new CommandError(`${coverage.failed} users failed; the report says why, the journal says which.`);
}
