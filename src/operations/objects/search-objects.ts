import { asRevelations } from '../bindings.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchProperties } from '../permit.js';
import { chooseBindings } from './choose-bindings.js';
import { pageOf } from './page-of.js';
import { revealedFacts } from './reveal.js';
import { revealObjects } from './reveal-objects.js';
import { scanFor } from './scan-for.js';
import { hasIndexedValues, readConditions } from './search-conditions.js';
import { touchBindings } from './touch-bindings.js';

export const searchObjects: Operation<'searchObjects'> = {
  id: 'searchObjects',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const bindings = chooseBindings(collection, call.query);
    await refuseHopeless(call, collection, 'search');

    // Before the values are read: whether a value would be valid is nobody's business who may not search for it.
    const queried = [call.body.match, call.body.in, call.body.like].flatMap((map) => Object.keys(map ?? {}));
    const known = queried.filter((name) => collection.all.has(name));
    const asked = [...asRevelations(bindings), ...known.map((name) => [name, null] as const)];
    const touches = [...touchProperties('search', known), ...touchBindings('read', bindings)];
    const { reveals, rule } = await permit(call, collection, touches, { asked });

    const conditions = readConditions(vault, collection, call.body);
    const { rows, paging } =
      conditions.scanned.length === 0 && conditions.liked.length === 0
        ? await pageOf(call, vault, collection, conditions.indexed, conditions.ids)
        : await scanFor(call, vault, collection, conditions);

    const objects = rows.map(({ id }) => id);
    await call.record({ collection: collection.name, objects, asked, ...revealedFacts(reveals), rule });
    const results = await revealObjects(call, vault, collection, reveals, rows, (object) =>
      hasIndexedValues(object, conditions),
    );
    return { results, paging: { ...paging, size: results.length } };
  },
};
