import { VaultError } from '../../errors.js';
import { encodePacked } from '../../crypto/index.js';
import { changeObject } from '../../store/objects/change-object.js';
import { findObjects } from '../../store/objects/find-objects.js';
import { effectiveExpiry } from '../../store/objects/object-row.js';
import { takeBackOwnedValues } from '../../store/objects/unique-values.js';
import { collectionNamed } from '../collection-named.js';
import { expirationOfChanged } from '../expiration.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchProperties } from '../permit.js';
import { checkTenants } from '../tenancy.js';
import { blindIndexesOf, isBlindIndexed } from './blind-indexes.js';
import { commitWithUniqueValues } from './commit-with-unique-values.js';
import { lifecycleOf } from './lifecycle-of.js';
import { checkAllFound, readObjectIds } from './object-ids.js';
import { openFieldText, openObject } from './open-object.js';
import { ownerOfChanged } from './owners.js';
import { givenProperties, sealFields } from './prepare-object.js';
import { readFields } from './read-fields.js';
import { refuseImports } from './refuse-imports.js';
import { substringFiltersOf } from './substring-filters.js';

export const updateObjectById: Operation<'updateObjectById'> = {
  id: 'updateObjectById',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    refuseImports(call.query);
    const ids = readObjectIds([call.path.id]);
    const read = readFields(collection, call.body, vault.settings.types);
    if (read.id !== undefined && read.id !== ids[0]) throw new VaultError('PV9006', { property: 'id' });
    await refuseHopeless(call, collection, 'write');

    const given = givenProperties(read);
    const facts = {
      collection: collection.name,
      objects: ids,
      asked: given.map((name) => [name, null] as const),
    };
    const { rule } = await permit(call, collection, touchProperties('write', given), facts);
    const found = await findObjects(vault.database, collection.id, ids, lifecycleOf(call.query));
    checkAllFound(ids, found);
    checkTenants(call, found);
    const row = found[0]!;
    if (read.tenant !== undefined && read.tenant !== row.tenant) {
      throw new VaultError('PV9006', { property: '_tenant_id', reason: 'cannot change' });
    }

    const { owner, ownerExpiresAt } = await ownerOfChanged(call, vault, collection, row, read);
    const object = await openObject(vault, row);
    const expiresAt = expirationOfChanged(call.query.expiration_secs, call.startedAt, row.expiresAt);
    const effective = effectiveExpiry({ expiresAt, ownerExpiresAt });
    const active = effective === null || effective.getTime() > call.startedAt.getTime();
    const revision = row.revision + 1;
    const changed = new Set(read.fields.map(({ property }) => property.id));
    const fields = [
      ...object.fields.filter(({ property }) => !changed.has(property) && collection.ownById.has(property)),
      ...sealFields(object.key, object.place, read.fields, revision),
    ];

    // An object that comes back to life takes back its unique values, those it is not given anew included.
    const unique = [...collection.own.values()].filter((property) => property.isUnique);
    const revived = active && lifecycleOf(call.query) === 'archived';
    const held = unique.flatMap((property) => {
      const text = revived && !changed.has(property.id) ? openFieldText(object, property.id) : null;
      return text === null ? [] : [{ property, text }];
    });
    const { lookup } = vault.keyring;
    const keyset = await vault.keyring.sealing(collection.id, row.tenant);
    const indexes = blindIndexesOf(lookup, collection.id, read.fields);
    const change = changeObject({
      collection: collection.id,
      id: row.id,
      fromRevision: row.revision,
      sealed: encodePacked(fields),
      expiresAt,
      owner,
      modifiedAt: call.startedAt,
      key: keyset.wrapObjectKey(object.key, object.place, { revision, fields, expiresAt, owner }),
      reindexed: [...changed],
      indexes,
      substrings: substringFiltersOf(lookup, collection.id, read.fields),
      lookupVersion: lookup.version,
      holdsUnique: active,
      revived,
      uniqueProperties: unique.filter(isBlindIndexed).map(({ id }) => id),
    });

    await call.record({ ...facts, outcome: 'allowed', rule });
    const wanted = [...indexes, ...blindIndexesOf(lookup, collection.id, held)];
    const ownsOthers = revived && collection.stored.type === 'PERSONS';
    await commitWithUniqueValues(vault, collection, wanted, [
      change,
      ...(ownsOthers ? [takeBackOwnedValues(collection.id, row.id)] : []),
    ]);
  },
};
