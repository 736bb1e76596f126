import { adapterOf } from '../../idp/adapters/index.js';
import type { LoginEvent } from '../../idp/event.js';
import { isEmptied } from '../../idp/plan-restore.js';
import type { RollbackReport } from './rollback-report.js';
import { type Pages, runPages } from './run-pages.js';
import type { ScrubbedUsers } from './scrubbed-users.js';
import type { Source } from './sources.js';
import type { InputUser } from './user-pages.js';
import type { RestoreResult, VaultConnection } from './vault-connection.js';

/** Going back on a scrub, over all users of an input. */
export interface Rollback extends Pages {
  readonly vault: VaultConnection;
  readonly scrubbed: ScrubbedUsers;
  /** What the hook lets stay at the provider. */
  readonly keep: readonly string[];
  readonly dryRun: boolean;
  readonly report: RollbackReport;
  /** Told how many users are settled. */
  onProgress(users: number): void;
}

/**
 * Has the vault put back what the scrub removed, user by user, and settles each page in the journal once the vault has queued it. To do a page again changes nothing. Throws {@link CommandError} where the vault refuses or is
 * away.
 */
export async function rollBack(rollback: Rollback): Promise<void> {
  const { vault, source, context, dryRun, journal, report, onProgress } = rollback;
  await runPages<RestoreResult | null>(
    rollback,
    async (page) => {
      const users = page.map((user) => ({ subject: user.id, places: [...placesFor(rollback, user)] }));
      const asked = users.filter(({ places }) => places.length > 0);
      const where = { provider: source.provider, issuer: context.issuer, dryRun };
      const results = asked.length > 0 ? [...(await vault.restoreUsers(where, asked))] : [];
      return users.map(({ places }) => (places.length > 0 ? results.shift()! : null));
    },
    async (page, results) => {
      for (const result of results) report.add(result);
      const entries = page.map(({ id }, i) => {
        const result = results[i];
        const code = result?.error?.error_code;
        return { id, state: result?.outcome ?? 'nothing', ...(code !== undefined && { code }) };
      });
      await journal?.settle(entries, 0);
      onProgress(journal?.progress.users ?? report.users);
    },
  );
}

/** Looks whether what the scrub removed is in an export again, without a vault. */
export async function checkRolledBack({
  scrubbed,
  report,
  ...pages
}: Pages & Pick<Rollback, 'scrubbed' | 'report'>): Promise<void> {
  await runPages<null>(
    pages,
    async (page) => page.map(() => null),
    async (page) => {
      for (const user of page) {
        const shown = shownBy(pages.source, user);
        const places = scrubbed.placesOf(user.id) ?? [];
        report.addLook(places.map((place) => [place, !isEmptied(shown.get(place))] as const));
      }
    },
  );
}

/**
 * What the scrub's journal says; of somebody it does not name (the scrub was killed with their page on its way) what the input shows to have been there. The rest the vault compares with what is there now.
 */
function placesFor({ scrubbed, source, keep }: Rollback, user: InputUser): readonly string[] {
  const known = scrubbed.placesOf(user.id);
  if (known !== undefined) return known;
  const shown = shownBy(source, user);
  return keep.filter((place) => !isEmptied(shown.get(place)));
}

/** Where something stands at the provider, as its export shows it. */
function shownBy({ provider, event: name }: Source, { event }: InputUser): ReadonlyMap<string, unknown> {
  try {
    const read = event && adapterOf(provider)?.events[name]?.read(event);
    const { attributes = [] } = (read ?? {}) as Partial<LoginEvent>;
    return new Map(attributes.map(({ path, value }) => [path, value]));
  } catch {
    // Nobody can be told from such a record; the vault says so of one that it is sent.
    return new Map();
  }
}
