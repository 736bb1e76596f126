import {
  type ProjectedEntry,
  type ProjectedHour,
  hoursOf,
  readHours,
} from '../store/access-log/projection.js';
import type { Database } from '../store/database.js';
import { Wrong } from './wrong.js';

/** Recomputes, entry by entry, between which positions the entries of each hour lie: a query for a time looks nowhere else. */
export class HourVerifier {
  readonly #hours = new Map<number, ProjectedHour>();

  /** Takes projected entries, in the order of their positions. */
  take(entries: readonly Pick<ProjectedEntry, 'index' | 'time'>[]): void {
    for (const { hour, first, last } of hoursOf(entries)) {
      const known = this.#hours.get(hour.getTime());
      this.#hours.set(hour.getTime(), { hour, first: known?.first ?? first, last });
    }
  }

  /**
   * Compares what is stored with what was recomputed from the `projected` entries that were taken. What was projected since may have added hours and moved the end
   * of others. Throws {@link Wrong}.
   */
  async settle(database: Database, projected: number): Promise<void> {
    const stored = new Map((await readHours(database)).map((hour) => [hour.hour.getTime(), hour]));
    for (const [time, { hour, first, last }] of this.#hours) {
      const found = stored.get(time);
      const asWas = found?.first === first && (found.last === last || found.last >= projected);
      if (!asWas)
        throw new Wrong(first, `the projected hour ${hour.toISOString()} is not what the entries say`);
      stored.delete(time);
    }
    for (const { hour, first } of stored.values()) {
      if (first < projected)
        throw new Wrong(first, `the projected hour ${hour.toISOString()} is not what the entries say`);
    }
  }
}
