import { type Counts, count, listed, sorted } from './counts.js';
import type { RestoreResult } from './vault-connection.js';

/** Why something was not put back that somebody can do something about. */
const TO_BE_DONE: ReadonlySet<string> = new Set(['not_kept', 'no_place', 'not_allowed', 'lost_digits']);

/** What became of going back: names and numbers, never a value. */
export class RollbackReport {
  #users = 0;
  readonly #outcomes: Counts = new Map();
  readonly #places: Counts = new Map();
  readonly #left: Counts = new Map();
  readonly #failures: Counts = new Map();
  #hindered = 0;
  #empty = 0;

  /** Null: of that user nothing was removed. */
  add(result: RestoreResult | null): void {
    this.#users++;
    count(this.#outcomes, result?.outcome ?? 'untouched');
    if (result === null) return;
    for (const place of result.places) count(this.#places, place);
    for (const { place, reason } of result.left) count(this.#left, `${reason} ${place}`);
    if (result.error) count(this.#failures, result.error.error_code);
    const isHindered = result.left.some(({ reason }) => TO_BE_DONE.has(reason));
    if (isHindered || result.outcome === 'failed' || result.outcome === 'unknown') this.#hindered++;
  }

  /** Of one user, which places have something again. */
  addLook(places: readonly (readonly [place: string, isBack: boolean])[]): void {
    this.#users++;
    for (const [place, isBack] of places)
      count(isBack ? this.#places : this.#left, isBack ? place : `empty ${place}`);
    const isEmpty = places.some(([, isBack]) => !isBack);
    if (isEmpty) this.#empty++;
    count(this.#outcomes, places.length === 0 ? 'untouched' : isEmpty ? 'empty' : 'back');
  }

  get users(): number {
    return this.#users;
  }

  /** Users of whom something is not put back and could be, and users who have an empty place. */
  get shortcomings(): { readonly hindered: number; readonly empty: number } {
    return { hindered: this.#hindered, empty: this.#empty };
  }

  toJSON(): Record<string, unknown> {
    const lists = {
      outcomes: this.#outcomes,
      places: this.#places,
      left: this.#left,
      failures: this.#failures,
    };
    return {
      users: this.#users,
      ...Object.fromEntries(Object.entries(lists).map(([name, counts]) => [name, sorted(counts)])),
    };
  }

  toString(): string {
    const lists = [
      ['What became of them', this.#outcomes],
      ['What is put back, or is', this.#places],
      ['What is not', this.#left],
      ['What failed', this.#failures],
    ] as const;
    const blocks = lists.flatMap(([heading, counts]) => listed(heading, sorted(counts)));
    return [`${this.#users} users`, ...blocks].join('\n') + '\n';
  }
}
