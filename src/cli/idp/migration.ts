import { detectPii } from '../../idp/detect-pii.js';
import { CommandError } from '../terminal.js';
import type { Coverage } from './coverage.js';
import type { Journal, JournalEntry } from './journal.js';
import { requestsFor } from './provider-requests.js';
import type { RequestFile } from './request-file.js';
import type { Source, SourceContext } from './sources.js';
import { type InputUser, pacer, pagesOf } from './user-pages.js';
import type { Read } from './user-record.js';
import type { ImportResult, VaultConnection } from './vault-connection.js';

/** Pages on their way at once: while the vault stores some, the next is read. */
const MOST_ON_THEIR_WAY = 3;

/** What a run does with each user. */
export const PHASES = ['vault', 'link', 'scrub', 'verify'] as const;
export type Phase = (typeof PHASES)[number];

/** One run over all users of the input. */
export interface Migration {
  readonly users: AsyncIterable<Read>;
  readonly source: Source;
  readonly context: SourceContext;
  readonly vault: VaultConnection;
  readonly phase: Phase;
  readonly dryRun: boolean;
  /** The vault is to change the users at the provider. */
  readonly writeBack: boolean;
  readonly pageSize: number;
  readonly rate: number | undefined;
  readonly journal: Journal | null;
  readonly requests: RequestFile | null;
  readonly coverage: Coverage;
  readonly stopped: AbortSignal;
  /** Told how many users are settled. */
  onProgress(users: number): void;
}

/** What the operator is told at the end besides the coverage. */
export interface Migrated {
  /** Users whom the file of requests names by something that looks like personal data. */
  readonly personalIds: number;
}

/**
 * Sends every user to the vault, page by page, and settles each page in the order of the input: first what is to be sent to the provider is durable, then the journal. A run that ends in between does the
 * page again, which changes nothing. Throws {@link CommandError} where the vault refuses or is away.
 */
export async function migrate(migration: Migration): Promise<Migrated> {
  const { stopped, rate, journal } = migration;
  const pace = pacer(rate, stopped);
  const onTheirWay: { readonly page: InputUser[]; readonly results: Promise<readonly ImportResult[]> }[] = [];
  let personalIds = 0;
  const settleFirst = async (): Promise<void> => {
    const { page, results } = onTheirWay.shift()!;
    try {
      personalIds += await settle(migration, page, await results);
    } catch (error) {
      // What was on its way when somebody stopped it is done again by the next run.
      if (!stopped.aborted) throw error;
    }
  };

  for await (const page of pagesOf(inputOf(migration), migration.pageSize)) {
    await pace(page.length);
    if (stopped.aborted) break;
    const results = send(migration, page);
    // It is waited for in its turn; until then a failure of it is nobody's.
    results.catch(() => undefined);
    onTheirWay.push({ page, results });
    if (onTheirWay.length >= MOST_ON_THEIR_WAY) await settleFirst();
  }
  while (!stopped.aborted && onTheirWay.length > 0) await settleFirst();
  if (stopped.aborted) {
    const settled = journal?.progress.users;
    throw new CommandError(
      settled === undefined ? 'Stopped.' : `Stopped at ${settled} users; the same command goes on there.`,
    );
  }
  return { personalIds };
}

/** The users that are still to be done. Those whom an earlier run settled are only compared with its journal. */
async function* inputOf({ users, source, context, journal }: Migration): AsyncGenerator<InputUser> {
  const settled = journal?.progress.users ?? 0;
  let n = 0;
  for await (const read of users) {
    const id = 'user' in read ? (source.idOf(read.user, context) ?? '') : '';
    n++;
    if (n <= settled) journal!.pass(id, n);
    else yield { id, read, event: 'user' in read ? source.eventOf(read.user, context) : null };
  }
  if (n < settled)
    throw new CommandError('The input is shorter than the journal says. Begin another journal.');
}

async function send(
  { vault, source, dryRun, writeBack, phase }: Migration,
  page: readonly InputUser[],
): Promise<readonly ImportResult[]> {
  const events = page.map(({ event }) => event).filter((event) => event !== null);
  if (events.length === 0) return [];
  return vault.importUsers(source, events, { dryRun: dryRun || phase === 'verify', writeBack });
}

/** Resolves with how many ids of the page look like personal data and were written down. */
async function settle(
  { source, context, phase, requests, journal, coverage, onProgress }: Migration,
  page: readonly InputUser[],
  results: readonly ImportResult[],
): Promise<number> {
  const left = [...results];
  const entries: JournalEntry[] = [];
  const lines: object[] = [];
  let personalIds = 0;
  for (const { id, read, event } of page) {
    if (event === null || !('user' in read)) {
      coverage.addUnreadable('unreadable' in read ? read.unreadable : '');
      entries.push({ id, state: 'failed', code: 'unreadable' });
      continue;
    }
    const result = left.shift()!;
    coverage.add(result);
    entries.push({ id, state: result.outcome, ...(result.error && { code: result.error.error_code }) });
    const todo = { write: result.write, scrub: phase === 'scrub' ? result.scrub : [] };
    const own = requests ? requestsFor(source.provider, context.issuer, id, read.user, todo) : [];
    lines.push(...own);
    if (own.length > 0 && looksPersonal(id)) personalIds++;
  }
  await requests?.append(lines);
  await journal?.settle(entries, requests?.bytes ?? 0);
  onProgress(journal?.progress.users ?? coverage.users);
  return personalIds;
}

function looksPersonal(id: string): boolean {
  const place = { path: 'id', key: 'id', value: id, metadata: false, removable: false };
  return detectPii([place]).length > 0;
}
