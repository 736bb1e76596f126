import { bundleOf, functionsOf } from '../../bundles/custom-type.js';
import { DATA_TYPES, dataTypeNamed } from '../../data-types/index.js';
import type { Operation } from '../operation.js';
import { typeNamed } from './type-named.js';

export const listDataTypes: Operation<'listDataTypes'> = {
  id: 'listDataTypes',

  async run(call) {
    await call.record({ outcome: 'allowed' });
    const { types } = call.metadata;
    const showBuiltins = call.query.options?.includes('show_builtins') ?? false;
    const custom = [...types.keys()].filter((name) => !dataTypeNamed(name)).sort();

    const { bundle } = call.query;
    const uses = (name: string): boolean => {
      const type = types.get(name);
      return type !== undefined && functionsOf(type).some((each) => bundleOf(each) === bundle);
    };
    const names = [...(showBuiltins ? Object.keys(DATA_TYPES) : []), ...custom];
    return names.filter((name) => !bundle || uses(name)).map((name) => typeNamed(call.metadata, name));
  },
};
