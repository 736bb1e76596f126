import type { Operation } from '../operation.js';
import { filterOf } from './filter.js';
import { presentPage, readPage } from './page.js';

export const queryAuditEntries: Operation<'queryAuditEntries'> = {
  id: 'queryAuditEntries',

  async run(call, vault) {
    const filter = filterOf(call, vault, call.body);
    return presentPage(await readPage(call, vault, filter, call.body));
  },
};
