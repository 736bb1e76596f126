import type { JsonValue } from '../../data-types/data-type.js';
import { maskFor } from '../../masks/index.js';
import type { KnownCollection } from '../collection-named.js';
import type { ValueOf } from './function-calls.js';

/** A value through a transformation of its property's type, a bundle's or a built-in one; null where the function gives no value. */
export function transform(
  collection: KnownCollection,
  property: string,
  transformation: string,
  value: JsonValue,
  now: Date,
  valueOf: ValueOf,
): JsonValue | null {
  const own = collection.own.get(property);
  const transformer = own?.linked?.transformers.get(transformation);
  if (own && transformer) {
    if (!collection.functions) throw new Error('The collection was not bound to the request.');
    return collection.functions.transform(collection, own, transformer, value, valueOf);
  }
  const typeName = own?.baseTypeName ?? collection.all.get(property)!.dataTypeName;
  return maskFor(typeName, transformation)!.apply(value, { now });
}
