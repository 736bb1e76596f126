import { adapterOf } from '../../idp/adapters/index.js';
import { Journal } from '../idp/journal.js';
import { progressOn } from '../idp/progress.js';
import { RollbackReport } from '../idp/rollback-report.js';
import { checkRolledBack, rollBack } from '../idp/rollback.js';
import { ScrubbedUsers } from '../idp/scrubbed-users.js';
import { sourceOf } from '../idp/source-of.js';
import { readUsers } from '../idp/user-files.js';
import { VaultConnection, vaultSettings } from '../idp/vault-connection.js';
import { CommandError, type Terminal } from '../terminal.js';
import type { IdpMigrateOptions } from './idp-migrate.js';

type Options = IdpMigrateOptions & { readonly rollback: string };

const QUEUED = `The vault puts this back in its own time: idp_write_back_jobs of /metrics says how many are left, and its log which were given up.
`;

/**
 * Goes back on a scrub: what its journal says was removed of the users of an export, the vault puts back where it stood. With the phase verify it looks whether a fresh export has it again. Throws {@link CommandError} for options
 * that do not fit together, and at the end where something could not be put back or is missing.
 */
export async function idpRollback(options: Options, terminal: Terminal): Promise<void> {
  checkOptions(options);
  const source = sourceOf(options);
  if (!adapterOf(source.provider)?.writeBack)
    throw new CommandError(
      `The vault has no way to change users at ${source.provider}: nothing can be put back there.`,
    );
  const settings = vaultSettings(terminal.env, options);
  const { apiKey } = vaultSettings(terminal.env, {
    ...options,
    keyFile: options.scrubKeyFile ?? options.keyFile,
  });
  const { issuer, dryRun = false } = options;
  const where = { provider: source.provider, issuer };
  const scrubbed = await ScrubbedUsers.read(options.rollback, { ...where, apiKey });

  const stop = new AbortController();
  void terminal.interrupted.then(() => stop.abort());
  const report = new RollbackReport();
  const isCheck = options.phase === 'verify';
  const journal =
    isCheck || dryRun
      ? null
      : await Journal.open(options.journal!, settings.apiKey, { ...where, phase: 'rollback' });
  const pages = {
    users: readUsers(options.in, options.layout, options.from === 'auth0'),
    ...{ source, journal, scrubbed, report, stopped: stop.signal },
    context: { issuer, subject: options.subject, removesNames: false },
    ...{ pageSize: options.pageSize, rate: options.rate },
  };
  try {
    if (isCheck) await checkRolledBack(pages);
    else {
      const vault = new VaultConnection(settings, stop.signal, (problem) =>
        terminal.stderr.write(`The vault did not take the users (${problem}); trying again.\n`),
      );
      const { capabilities, keep } = await vault.hook(source.provider, issuer);
      if (!capabilities.includes('CapIdpRestore'))
        throw new CommandError("The role of the key's user must hold CapIdpRestore.");
      await rollBack({ ...pages, vault, keep, dryRun, onProgress: progressOn(terminal.stderr) });
    }
  } finally {
    stop.abort();
    await journal?.close();
  }
  terminal.stdout.write(options.json ? `${JSON.stringify(report)}\n` : report.toString());
  if (journal !== null) terminal.stderr.write(QUEUED);
  judge(report);
}

function checkOptions({ phase, journal, out, writeBack, removeNames, dryRun = false }: Options): void {
  if (phase === 'link' || phase === 'scrub')
    throw new CommandError('--rollback is a phase of its own; it goes with --phase verify alone.');
  if (out !== undefined || writeBack || removeNames)
    throw new CommandError('--rollback takes neither --out nor --write-back nor --remove-names.');
  const isForShow = dryRun || phase === 'verify';
  if (isForShow !== (journal === undefined))
    throw new CommandError(
      isForShow
        ? 'A dry run and a verification change nothing: they take no --journal.'
        : '--journal is missing.',
    );
}

function judge(report: RollbackReport): void {
  const { hindered, empty } = report.shortcomings;
  if (hindered > 0)
    throw new CommandError(`Of ${hindered} users not everything can be put back; the report says why.`);
  if (empty > 0) throw new CommandError(`${empty} users have not everything back; the report says where.`);
}
