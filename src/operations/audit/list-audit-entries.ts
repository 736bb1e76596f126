import type { Operation } from '../operation.js';
import { filterOf } from './filter.js';
import { presentPage, readPage } from './page.js';

export const listAuditEntries: Operation<'listAuditEntries'> = {
  id: 'listAuditEntries',

  async run(call, vault) {
    const filter = filterOf(call, vault, call.query);
    return presentPage(await readPage(call, vault, filter, call.query));
  },
};
