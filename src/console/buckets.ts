import type { AuditCount } from './vault-api.js';

export type Tally = Pick<AuditCount, 'allowed' | 'masked' | 'denied' | 'failed'>;
export type Unit = 'hour' | 'day' | 'month';

/** The accesses of one stretch of time, which begins at `label`. */
export interface Bucket extends Tally {
  readonly label: string;
}

/** More bars than this are not told apart on a telephone. */
const MOST = 100;
/** How much of an RFC 3339 time names the unit. */
const LENGTH: Readonly<Record<Unit, number>> = { hour: 13, day: 10, month: 7 };

/** Counts by hour as the bars of a timeline: by hour, day or month, whichever is fine enough, with the empty stretches between. */
export function timeline(counts: readonly AuditCount[]): {
  readonly unit: Unit;
  readonly buckets: readonly Bucket[];
} {
  const hours = counts.filter(({ key }) => !Number.isNaN(Date.parse(key)));
  for (const unit of ['hour', 'day', 'month'] as const) {
    const labels = labelsOf(hours, unit);
    if (labels.length > MOST && unit !== 'month') continue;
    return { unit, buckets: fill(hours, unit, labels.slice(-MOST)) };
  }
  return { unit: 'month', buckets: [] };
}

/** Every stretch from the first count to the last, up to one more than are shown. */
function labelsOf(hours: readonly AuditCount[], unit: Unit): string[] {
  if (hours.length === 0) return [];
  const times = hours.map(({ key }) => Date.parse(key));
  // reduce, because so many arguments may be too many for Math.min.
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  const labels: string[] = [];
  const at = new Date(last);
  while (labels.length <= MOST) {
    const label = labelAt(at, unit);
    labels.unshift(label);
    if (label <= labelAt(new Date(first), unit)) break;
    if (unit === 'hour') at.setUTCHours(at.getUTCHours() - 1);
    else if (unit === 'day') at.setUTCDate(at.getUTCDate() - 1);
    else at.setUTCMonth(at.getUTCMonth() - 1, 1);
  }
  return labels;
}

function labelAt(time: Date, unit: Unit): string {
  return time.toISOString().slice(0, LENGTH[unit]);
}

function fill(hours: readonly AuditCount[], unit: Unit, labels: readonly string[]): Bucket[] {
  const byLabel = new Map(
    labels.map((label) => [label, { label, allowed: 0, masked: 0, denied: 0, failed: 0 }]),
  );
  for (const hour of hours) {
    const bucket = byLabel.get(labelAt(new Date(hour.key), unit));
    if (!bucket) continue;
    bucket.allowed += hour.allowed;
    bucket.masked += hour.masked;
    bucket.denied += hour.denied;
    bucket.failed += hour.failed;
  }
  return [...byLabel.values()];
}
