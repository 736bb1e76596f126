import { count, listed, sorted } from './counts.js';
import type { ImportResult } from './vault-connection.js';

/** What became of many users: names and numbers, never a value. */
export class Coverage {
  #users = 0;
  readonly #outcomes = new Map<string, number>();
  readonly #fields = new Map<string, number>();
  readonly #leftovers = new Map<string, number>();
  readonly #warnings = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  #unlinked = 0;
  #queued = 0;

  add({ outcome, stored, scrub, write, warnings, error, queued }: ImportResult): void {
    this.#users++;
    if (queued) this.#queued++;
    count(this.#outcomes, outcome);
    for (const { from, property } of stored) count(this.#fields, `${from} -> ${property}`);
    for (const path of scrub) count(this.#leftovers, path);
    if (Object.values(write).some((value) => value !== null)) this.#unlinked++;
    for (const { code, name } of warnings)
      count(this.#warnings, name === undefined ? code : `${code} ${name}`);
    if (error) {
      const { field, reason } = error.context ?? {};
      const where = [field, reason].filter((word) => typeof word === 'string').join(': ');
      count(this.#failures, where === '' ? error.error_code : `${error.error_code} ${where}`);
    }
  }

  /** One that never got as far as the vault. */
  addUnreadable(reason: string): void {
    this.#users++;
    count(this.#outcomes, 'failed');
    count(this.#failures, `unreadable: ${reason}`);
  }

  get users(): number {
    return this.#users;
  }

  get failed(): number {
    return this.#outcomes.get('failed') ?? 0;
  }

  /** Users who are not linked at the provider, and places there that still hold what the vault has. */
  get leftovers(): { readonly unlinked: number; readonly places: number } {
    return { unlinked: this.#unlinked, places: this.#leftovers.size };
  }

  /** All of it, most first. */
  get report(): Report {
    return {
      users: this.#users,
      not_linked: this.#unlinked,
      queued: this.#queued,
      outcomes: sorted(this.#outcomes),
      fields: sorted(this.#fields),
      to_remove: sorted(this.#leftovers),
      warnings: sorted(this.#warnings),
      failures: sorted(this.#failures),
    };
  }

  toString(): string {
    const { users, not_linked, queued, ...lists } = this.report;
    const blocks = Object.entries(lists).flatMap(([name, counts]) =>
      listed(HEADINGS[name as keyof typeof HEADINGS], counts),
    );
    const unlinked = not_linked > 0 ? [`${not_linked} have no object id at the provider yet.`] : [];
    const changed = queued > 0 ? [`${queued} are going to be changed at the provider by the vault.`] : [];
    return [`${users} users`, ...unlinked, ...changed, ...blocks].join('\n') + '\n';
  }
}

type Counts = Readonly<Record<string, number>>;

/** What a report says. */
interface Report {
  readonly users: number;
  readonly not_linked: number;
  readonly queued: number;
  readonly outcomes: Counts;
  readonly fields: Counts;
  readonly to_remove: Counts;
  readonly warnings: Counts;
  readonly failures: Counts;
}

const HEADINGS = {
  outcomes: 'What became of them',
  fields: 'What goes where',
  to_remove: 'What the provider need not keep',
  warnings: 'What stays where it is, or looks like personal data that nothing maps',
  failures: 'What failed',
};
