import type { EntryDraft } from '../../src/access-log/entry.js';
import { Database, type DatabaseOptions } from '../../src/store/database.js';

/** Connections to a log, with limits short enough for a test. */
export function openDatabase(url: string): Database {
  return new Database(settingsOf(url));
}

/** What they are opened with. */
export function settingsOf(url: string): DatabaseOptions {
  return {
    url,
    poolSize: 4,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 500,
    onConnectionError: () => undefined,
  };
}

/** An entry somebody could have caused; `n` tells one from another. */
export function draft(n: number, more: Partial<EntryDraft> = {}): EntryDraft {
  return {
    time: new Date(Date.UTC(2026, 0, 1) + n).toISOString(),
    request_id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    user: `user${n % 3}`,
    role: 'role',
    operation: n % 2 === 0 ? 'detokenize' : 'getObjectById',
    collection: 'people',
    objects: [`10000000-0000-4000-8000-${String(n).padStart(12, '0')}`],
    outcome: 'allowed',
    iam_version: 1,
    ...more,
  };
}
