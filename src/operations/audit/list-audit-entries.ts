import { catchUp } from '../../access-log/projector.js';
import { type LogFilter, searchProjection } from '../../store/access-log/projection.js';
import type { Operation } from '../operation.js';
import { presentEntry } from './present-entry.js';

const DEFAULT_LIMIT = 100;

/** Before the first page: larger than any index. */
const NEWEST = Number.MAX_SAFE_INTEGER;

export const listAuditEntries: Operation<'listAuditEntries'> = {
  id: 'listAuditEntries',

  async run(call, vault) {
    const { limit = DEFAULT_LIMIT, cursor, from, to, object_id, ...named } = call.query;
    const filter: LogFilter = {
      user: named.user,
      collection: named.collection,
      operation: named.operation,
      outcome: named.outcome,
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
      objectId: object_id?.toLowerCase(),
    };
    const parameters = JSON.stringify([call.operation, filter]);
    const { lookup } = vault.keyring;
    const before = cursor ? Number(lookup.readCursor(parameters, cursor)) : NEWEST;

    await call.record({ outcome: 'allowed' });
    await catchUp(vault.database);
    const rows = await searchProjection(vault.database, filter, before, limit + 1);
    const shown = rows.slice(0, limit);
    return {
      entries: shown.map(presentEntry),
      cursor: rows.length > limit ? lookup.cursor(parameters, shown.at(-1)!.index) : '',
    };
  },
};
