import { DATA_TYPES } from '../../data-types/index.js';
import type { Operation } from '../operation.js';
import { presentDataType } from './present-data-type.js';

export const listDataTypes: Operation<'listDataTypes'> = {
  id: 'listDataTypes',

  async run(call) {
    await call.record({ outcome: 'allowed' });
    // Custom types come with bundles; until then all there are are built in, and those are shown on request.
    const showBuiltins = call.query.options?.includes('show_builtins') ?? false;
    return showBuiltins ? Object.values(DATA_TYPES).map(presentDataType) : [];
  },
};
