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
