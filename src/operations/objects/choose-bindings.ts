import { VaultError } from '../../errors.js';
import { type Binding, readBindings } from '../bindings.js';
import type { KnownCollection } from '../collection-named.js';

/** Which properties a read of objects asks for, from `props` or `options=unsafe`. Throws PV9006 where not exactly one is given. */
export function chooseBindings(
  collection: KnownCollection,
  query: { readonly props?: readonly string[]; readonly options?: readonly string[] },
): Binding[] {
  const unsafe = query.options?.includes('unsafe') ?? false;
  const builtins = query.options?.includes('show_builtins') ?? false;
  const named = query.props && query.props.length > 0;

  if (named && unsafe) throw new VaultError('PV9006', { field: 'props', reason: 'not together with unsafe' });
  if (!named && !unsafe)
    throw new VaultError('PV9006', { field: 'props', reason: 'props or unsafe is needed' });
  if (builtins && !unsafe) {
    throw new VaultError('PV9006', { field: 'options', reason: 'show_builtins only together with unsafe' });
  }

  if (query.props && named) return readBindings(collection, query.props, 'props');
  const shown = [...collection.all.values()].filter(
    (property) => !property.isBuiltin || property.name === 'id' || builtins,
  );
  return shown.map(({ name }) => ({ property: name, transformation: null }));
}
