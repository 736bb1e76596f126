import { detectPii } from '../../idp/detect-pii.js';
import type { Coverage } from './coverage.js';
import type { JournalEntry } from './journal.js';
import { requestsFor } from './provider-requests.js';
import type { RequestFile } from './request-file.js';
import { type Pages, runPages } from './run-pages.js';
import type { InputUser } from './user-pages.js';
import type { ImportResult, VaultConnection } from './vault-connection.js';

/** What a run does with each user. */
export const PHASES = ['vault', 'link', 'scrub', 'verify'] as const;
export type Phase = (typeof PHASES)[number];

/** One run over all users of the input. */
export interface Migration extends Pages {
  readonly vault: VaultConnection;
  readonly phase: Phase;
  readonly dryRun: boolean;
  /** The vault is to change the users at the provider. */
  readonly writeBack: boolean;
  readonly requests: RequestFile | null;
  readonly coverage: Coverage;
  /** Told how many users are settled. */
  onProgress(users: number): void;
}

/** What the operator is told at the end besides the coverage. */
export interface Migrated {
  /** Users whom the file of requests names by something that looks like personal data. */
  readonly personalIds: number;
}

/**
 * Sends every user to the vault and settles each page: first what is to be sent to the provider is durable, then the journal. A run that ends in between does the
 * page again, which changes nothing. Throws {@link CommandError} where the vault refuses or is away.
 */
export async function migrate(migration: Migration): Promise<Migrated> {
  let personalIds = 0;
  await runPages(
    migration,
    (page) => send(migration, page),
    async (page, results) => {
      personalIds += await settle(migration, page, results);
    },
  );
  return { personalIds };
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
    entries.push({
      ...{ id, state: result.outcome },
      ...(phase === 'scrub' && result.scrub.length > 0 && { places: result.scrub }),
      ...(result.error && { code: result.error.error_code }),
    });
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
