import type { Collection, Property } from '../collections/collection.js';
import type { PrismaClient } from '../generated/prisma/client.js';
import { announceChange } from './announce-change.js';
import type { Database } from './database.js';
import { type IdempotencyRecord, RECORD_LIFE_MS } from './idempotency.js';
import type { StoredCollection, StoredProperty } from './metadata.js';

/** Adds a collection with its properties, and the record of the request's Idempotency-Key. Throws UniqueViolation. */
export async function insertCollection(
  database: Database,
  collection: Collection,
  record: IdempotencyRecord | null,
): Promise<void> {
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
      ...keeping(prisma, record),
      announceChange(prisma),
    ]),
  );
}

/** Adds properties to a collection and rewrites changed ones, as {@link insertCollection} does. Throws UniqueViolation. */
export async function amendStoredCollection(
  database: Database,
  collection: StoredCollection,
  added: readonly Property[],
  changed: readonly StoredProperty[],
  now: Date,
  record: IdempotencyRecord | null,
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
      ...keeping(prisma, record),
      announceChange(prisma),
    ]),
  );
}

/**
 * Deletes a collection and everything in it, and what its objects own in other collections: objects, keys, indexes, tokens, keysets. Whoever
 * is adding to it at the same time is waited for, whoever comes later finds it gone. Returns whether it was there.
 */
export async function deleteStoredCollection(database: Database, { id }: StoredCollection): Promise<boolean> {
  const where = { collectionId: id };
  return database.control(async (prisma) => {
    const results = await prisma.$transaction([
      // Objects first, as in every change of one and of its tokens; then the collection, so that nobody adds any more.
      prisma.$executeRaw`select from object where collection_id = ${id} order by id for update`,
      prisma.$executeRaw`select from object where owner_collection_id = ${id} order by collection_id, id for update`,
      prisma.$executeRaw`select from collection where id = ${id} for update`,
      prisma.$executeRaw`
        with owned as (
          select collection_id, id from object where owner_collection_id = ${id}
        ), keys as (
          delete from keystore.object_key where (collection_id, record_id) in (select * from owned)
        ), indexes as (
          delete from blind_index where (collection_id, object_id) in (select * from owned)
        ), substrings as (
          delete from substring_index where (collection_id, object_id) in (select * from owned)
        ), tokens as (
          delete from token where (collection_id, object_id) in (select * from owned)
        ) delete from object where owner_collection_id = ${id}`,
      prisma.objectKey.deleteMany({ where }),
      prisma.blindIndex.deleteMany({ where }),
      prisma.substringIndex.deleteMany({ where }),
      prisma.token.deleteMany({ where }),
      prisma.transactionRecord.deleteMany({ where }),
      prisma.storedObject.deleteMany({ where }),
      prisma.keysetVersion.deleteMany({ where }),
      prisma.collection.deleteMany({ where: { id } }),
      announceChange(prisma),
    ]);
    return (results.at(-2) as { count: number }).count > 0;
  });
}

/** Whether the collection is in the database now, whatever a snapshot says. */
export async function collectionExists(database: Database, id: number): Promise<boolean> {
  return (await database.control((prisma) => prisma.collection.count({ where: { id } }))) > 0;
}

/**
 * Deletes a property. Its values stay sealed inside their objects, where nothing can ask for them any more, until the object is
 * next written: property ids are never reused. Returns whether it was there.
 */
export async function deleteStoredProperty(
  database: Database,
  collection: StoredCollection,
  { id }: StoredProperty,
  now: Date,
): Promise<boolean> {
  return database.control(async (prisma) => {
    const [deleted] = await prisma.$transaction([
      prisma.property.deleteMany({ where: { id } }),
      // In the order in which a change of an object touches them, or the two would wait for each other.
      prisma.substringIndex.deleteMany({ where: { collectionId: collection.id, propertyId: id } }),
      prisma.blindIndex.deleteMany({ where: { propertyId: id } }),
      prisma.collection.updateMany({ where: { id: collection.id }, data: { modifiedAt: now } }),
      announceChange(prisma),
    ]);
    return deleted.count > 0;
  });
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

/** As `insertIdempotencyRecord`, in Prisma's terms. */
export function keeping(prisma: PrismaClient, record: IdempotencyRecord | null) {
  if (!record) return [];
  const key = Uint8Array.from(record.key);
  const now = new Date();
  return [
    prisma.idempotencyRecord.deleteMany({ where: { key, expiresAt: { lte: now } } }),
    prisma.idempotencyRecord.create({
      data: {
        key,
        request: Uint8Array.from(record.request),
        keysetId: record.keysetId,
        keysetVersion: record.keysetVersion,
        answer: Uint8Array.from(record.answer),
        expiresAt: new Date(now.getTime() + RECORD_LIFE_MS),
      },
    }),
  ];
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
