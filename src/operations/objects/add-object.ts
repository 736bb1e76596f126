import { insertIdempotencyRecord } from '../../store/idempotency.js';
import type { Facts } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import { once } from '../idempotency.js';
import type { Operation } from '../operation.js';
import { permit, touchProperties } from '../permit.js';
import { commitWithUniqueValues } from './commit-with-unique-values.js';
import { expirationOfNewObjects } from './owners.js';
import { statedTimes } from './imported-times.js';
import { intakeOf } from './intake.js';
import { checkComplete, givenProperties, prepareObject } from './prepare-object.js';

export const addObject: Operation<'addObject'> = {
  id: 'addObject',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const read = intakeOf(call, vault, collection)(call.body);
    checkComplete(collection, read.fields);
    const expiresAt = expirationOfNewObjects(call, vault, call.query.expiration_secs)(read);

    const given = [...givenProperties(read), ...statedTimes(read.times)];
    const asked = given.map((name) => [name, null] as const);
    const { rule } = await permit(call, collection, touchProperties('write', given), { asked });

    const factsOf = ({ id }: { id: string }): Facts => ({
      collection: collection.name,
      objects: [id],
      asked,
      outcome: 'allowed',
      rule,
    });
    return once(call, vault, factsOf, async () => {
      const { id, indexes, statement } = await prepareObject(
        call,
        vault,
        collection,
        read,
        expiresAt,
        read.times,
      );
      return {
        answer: { id },
        facts: factsOf({ id }),
        async create(record) {
          const statements = [statement, ...(record ? [insertIdempotencyRecord(record)] : [])];
          await commitWithUniqueValues(vault, collection, indexes, statements);
        },
      };
    });
  },
};
