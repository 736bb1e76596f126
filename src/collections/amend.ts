import { checkIndexable } from './attributes.js';
import type { Collection, Property } from './collection.js';
import { addedProperty, dataTypeOrRefuse, ownLines } from './define.js';
import type { DefineOptions } from './define.js';
import { readCollectionDefinition, readPropertyUpdate, refusal } from './shape.js';
import type { PropertyUpdate } from './shape.js';
import { VaultError } from '../errors.js';

/** What a PATCH of a collection comes to. `changed` holds the properties as they shall be, the store's ids included. */
export interface Amendment<P extends Property> {
  readonly added: readonly Property[];
  readonly changed: readonly P[];
}

const AMEND_REASONS = {
  otherName: 'must be the name in the path',
  builtin: 'a built-in property cannot be changed',
  is_unique: 'a property cannot become unique later',
  is_substring_index: 'a substring index cannot be added later',
  is_nullable: 'a nullable property cannot become mandatory',
} as const;

/**
 * The values an attribute may still take. The others would need the values already stored: existing duplicates,
 * existing gaps, an index over what is sealed. `is_index` may go both ways, a job builds or drops the blind index.
 */
const OPEN_DIRECTIONS = [
  { attribute: 'is_unique', key: 'isUnique', mayBecome: false },
  { attribute: 'is_substring_index', key: 'isSubstringIndex', mayBecome: false },
  { attribute: 'is_nullable', key: 'isNullable', mayBecome: true },
] as const;

/**
 * What a PATCH of a collection adds and changes (api.md 1.4). Nothing is removed, every other difference is ignored,
 * and an attribute the request leaves out stays as it is, in PVSchema too: UNIQUE and SUBSTRING_INDEX, once lost,
 * could not be had again.
 * @throws VaultError PV1008 for another name than the collection's, PV9003, PV9004, PV9013 as when defining
 */
export function amendCollection<P extends Property>(
  collection: Collection<P>,
  input: unknown,
  options: DefineOptions,
): Amendment<P> {
  const request = readCollectionDefinition(input);
  if (request.name !== collection.name)
    throw new VaultError('PV1008', { field: 'name', reason: AMEND_REASONS.otherName });

  const existing = new Map(collection.properties.map((property) => [property.name, property]));
  const added: Property[] = [];
  const changed: P[] = [];
  for (const { line, at } of ownLines(request.properties)) {
    const property = existing.get(line.name);
    if (!property) {
      added.push(addedProperty(collection, line, at, options));
      continue;
    }
    const amended = amend(property, line, at, options);
    if (amended !== property) changed.push(amended);
  }
  return { added, changed };
}

/**
 * A property as UpdateProperty leaves it (api.md 1.5): the very same object where nothing changes. A request without
 * a description clears it.
 * @throws VaultError PV9004 for a built-in property and for a change in a direction that is closed
 */
export function amendProperty<P extends Property>(property: P, input: unknown, options: DefineOptions): P {
  if (property.isBuiltin) throw refusal('name', AMEND_REASONS.builtin);
  const update = readPropertyUpdate(input);
  for (const { attribute, key, mayBecome } of OPEN_DIRECTIONS)
    if ((update[attribute] ?? property[key]) !== property[key] && update[attribute] !== mayBecome)
      throw refusal(attribute, AMEND_REASONS[attribute]);
  return amend(property, { ...update, description: update.description ?? '' }, '', options);
}

function amend<P extends Property>(
  property: P,
  update: PropertyUpdate,
  at: string,
  options: DefineOptions,
): P {
  const next = {
    description: update.description ?? property.description,
    isIndex: update.is_index ?? property.isIndex,
    isUnique: property.isUnique,
    isSubstringIndex: property.isSubstringIndex,
    isNullable: property.isNullable,
  };
  for (const { attribute, key, mayBecome } of OPEN_DIRECTIONS)
    if (update[attribute] === mayBecome) next[key] = mayBecome;

  if (next.isIndex && !property.isIndex) {
    const type = dataTypeOrRefuse(property.dataTypeName, at, options);
    checkIndexable({ type, maxStringLength: options.maxStringLength }, at);
  }
  const isSame = (Object.keys(next) as (keyof typeof next)[]).every((key) => next[key] === property[key]);
  return isSame ? property : { ...property, ...next, modificationTime: options.now };
}
