import { onProjection } from '../../access-log/projector.js';
import type { components } from '../../generated/api.js';
import { type LogCount, countProjection } from '../../store/access-log/count.js';
import type { Operation } from '../operation.js';
import { filterOf } from './filter.js';

type AuditCount = components['schemas']['AuditCount'];

/** Entries that one request counts, and keys that it answers: a chart needs no more, and the database has others to serve. */
const MOST_COUNTED = 100_000;
const MOST_KEYS = 1_000;

export const countAuditEntries: Operation<'countAuditEntries'> = {
  id: 'countAuditEntries',

  async run(call, vault) {
    const { by } = call.query;
    const filter = filterOf(call, vault, call.query);

    await call.record({ outcome: 'allowed' });
    const { counts, counted } = await onProjection(vault.database, (size) =>
      countProjection(vault.database, size, filter, by, MOST_COUNTED),
    );
    const byKey = addUp(counts);
    const ordered = [...byKey.values()].sort(by === 'hour' ? newestFirst : mostFirst);
    const shown = ordered.slice(0, MOST_KEYS);
    return {
      counts: by === 'hour' ? shown.reverse() : shown,
      counted,
      complete: counted < MOST_COUNTED && byKey.size <= MOST_KEYS,
    };
  },
};

function addUp(counts: readonly LogCount[]): Map<string, AuditCount> {
  const byKey = new Map<string, AuditCount>();
  for (const { key, outcome, count } of counts) {
    const sum = byKey.get(key) ?? { key, total: 0, allowed: 0, masked: 0, denied: 0, failed: 0 };
    sum[outcome as 'allowed' | 'masked' | 'denied' | 'failed'] += count;
    sum.total += count;
    byKey.set(key, sum);
  }
  return byKey;
}

function newestFirst(a: AuditCount, b: AuditCount): number {
  return a.key < b.key ? 1 : -1;
}

function mostFirst(a: AuditCount, b: AuditCount): number {
  return b.total - a.total || (a.key < b.key ? -1 : 1);
}
