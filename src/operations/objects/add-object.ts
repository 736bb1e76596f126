import { insertIdempotencyRecord } from '../../store/idempotency.js';
import { collectionNamed } from '../collection-named.js';
import { expirationOfNew } from '../expiration.js';
import { once } from '../idempotency.js';
import type { Operation } from '../operation.js';
import { permit, touchProperties } from '../permit.js';
import { commitWithUniqueValues } from './commit-with-unique-values.js';
import { checkComplete, givenProperties, prepareObject } from './prepare-object.js';
import { readFields } from './read-fields.js';

export const addObject: Operation<'addObject'> = {
  id: 'addObject',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const read = readFields(collection, call.body, vault.settings.types);
    checkComplete(collection, read.fields);
    const expiresAt = expirationOfNew(
      call.query.expiration_secs,
      call.startedAt,
      vault.settings.expiration.objects,
    );

    const given = givenProperties(read);
    const asked = given.map((name) => [name, null] as const);
    const { rule } = await permit(call, collection, touchProperties('write', given), { asked });

    const object = await prepareObject(call, vault, collection, read, expiresAt);
    const facts = {
      collection: collection.name,
      objects: [object.id],
      asked,
      outcome: 'allowed' as const,
      rule,
    };
    return once(call, vault, facts, { id: object.id }, async (record) => {
      const statements = [object.statement, ...(record ? [insertIdempotencyRecord(record)] : [])];
      await commitWithUniqueValues(vault, collection, object.indexes, statements);
    });
  },
};
