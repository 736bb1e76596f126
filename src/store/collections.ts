import type { Collection, Property } from '../collections/collection.js';
import { announceChange } from './announce-change.js';
import type { Database } from './database.js';
import type { StoredCollection, StoredProperty } from './metadata.js';

/** Adds a collection with its properties. Throws UniqueViolation on `collection_name_key`. */
export async function insertCollection(database: Database, collection: Collection): Promise<void> {
  await database.control((prisma) =>
    prisma.$transaction([
      prisma.collection.create({
        data: {
          name: collection.name,
          type: collection.type,
          createdAt: collection.creationTime,
          modifiedAt: collection.modificationTime,
          properties: { create: collection.properties.map(columnsOf) },
        },
      }),
      announceChange(prisma),
    ]),
  );
}

/** Adds properties to a collection and rewrites changed ones. Throws UniqueViolation on `property_name_key`. */
export async function amendStoredCollection(
  database: Database,
  collection: StoredCollection,
  added: readonly Property[],
  changed: readonly StoredProperty[],
  now: Date,
): Promise<void> {
  await database.control((prisma) =>
    prisma.$transaction([
      prisma.property.createMany({
        data: added.map((property) => ({ ...columnsOf(property), collectionId: collection.id })),
      }),
      ...changed.map((property) =>
        prisma.property.update({ where: { id: property.id }, data: columnsOf(property) }),
      ),
      prisma.collection.update({ where: { id: collection.id }, data: { modifiedAt: now } }),
      announceChange(prisma),
    ]),
  );
}

/** Deletes a collection and everything in it: objects, keys, indexes, tokens, keysets. */
export async function deleteStoredCollection(database: Database, { id }: StoredCollection): Promise<void> {
  const where = { collectionId: id };
  await database.control((prisma) =>
    prisma.$transaction([
      prisma.objectKey.deleteMany({ where }),
      prisma.blindIndex.deleteMany({ where }),
      prisma.token.deleteMany({ where }),
      prisma.storedObject.deleteMany({ where }),
      prisma.keysetVersion.deleteMany({ where }),
      prisma.collection.delete({ where: { id } }),
      announceChange(prisma),
    ]),
  );
}

/**
 * Deletes a property. Its values stay sealed inside their objects, where nothing can ask for them any more, until the object is
 * next written: property ids are never reused.
 */
export async function deleteStoredProperty(
  database: Database,
  collection: StoredCollection,
  { id }: StoredProperty,
  now: Date,
): Promise<void> {
  await database.control((prisma) =>
    prisma.$transaction([
      prisma.blindIndex.deleteMany({ where: { propertyId: id } }),
      prisma.property.delete({ where: { id } }),
      prisma.collection.update({ where: { id: collection.id }, data: { modifiedAt: now } }),
      announceChange(prisma),
    ]),
  );
}

/** Says that the blind indexes of a property are complete. */
export async function markIndexBuilt(database: Database, propertyId: number): Promise<void> {
  await database.control((prisma) =>
    prisma.$transaction([
      prisma.property.updateMany({ where: { id: propertyId }, data: { indexBuilt: true } }),
      announceChange(prisma),
    ]),
  );
}

function columnsOf(property: Property & { readonly indexBuilt?: boolean }) {
  return {
    name: property.name,
    dataTypeName: property.dataTypeName,
    description: property.description,
    isEncrypted: property.isEncrypted,
    isIndex: property.isIndex,
    // Nothing is stored yet under a property that is new.
    indexBuilt: property.indexBuilt ?? true,
    isSubstringIndex: property.isSubstringIndex,
    isNullable: property.isNullable,
    isUnique: property.isUnique,
    createdAt: property.creationTime,
    modifiedAt: property.modificationTime,
  };
}
