import { VaultError } from '../../errors.js';
import type { ExportKey, ExportPlace, ExportTokenPlace } from '../../crypto/index.js';
import type { Reveal } from '../../policy/decide.js';
import type { Metadata } from '../../store/metadata.js';
import type { Binding } from '../bindings.js';
import type { KnownCollection } from '../collection-named.js';
import { asObjectId } from './object-ids.js';
import { type OpenObject, openFieldText } from './open-object.js';
import { type RevealedFields, builtinValue } from './reveal.js';

/**
 * Throws PV9006 for bindings that make no export: transformed values could not be stored anywhere, and without its id nobody could put
 * an object back.
 */
export function checkExportable(bindings: readonly Binding[]): void {
  if (bindings.some(({ transformation }) => transformation !== null)) {
    throw new VaultError('PV9006', { field: 'props', reason: 'an export takes no transformations' });
  }
  if (!bindings.some(({ property }) => property === 'id')) {
    throw new VaultError('PV9006', { field: 'props', reason: 'an export needs the id' });
  }
}

/** What was allowed of an object, its own values sealed under the export key. Call it after the access was recorded. Throws PV9010. */
export function exportObject(
  object: OpenObject,
  collection: KnownCollection,
  reveals: readonly Reveal[],
  metadata: Metadata,
  key: ExportKey,
): RevealedFields {
  const fields: RevealedFields = {};
  for (const { property, as } of reveals) {
    const own = collection.own.get(property);
    const text = own ? openFieldText(object, own.id) : builtinValue(object.row, property, metadata);
    if (text === null) continue;
    const place = { collection: collection.name, object: object.row.id, property };
    fields[as] = own ? key.seal(place, text) : text;
  }
  return fields;
}

/**
 * A body with its exported values opened: those of the collection's own properties, for the object `id` or the one that the body
 * names. Throws PV9032 for a value that does not open there and PV9006 where no object is named.
 */
export function openExported(
  key: ExportKey,
  collection: KnownCollection,
  body: Readonly<Record<string, unknown>>,
  id: string | undefined,
): Readonly<Record<string, unknown>> {
  const object = id ?? asObjectId(body.id);
  if (object === undefined) {
    throw new VaultError('PV9006', { property: 'id', reason: 'an exported object needs its id' });
  }
  return openExportedValues(key, collection, body, { collection: collection.name, object });
}

/** Fields with those of the collection's own properties opened where they belong. Throws PV9032. */
export function openExportedValues(
  key: ExportKey,
  collection: KnownCollection,
  fields: Readonly<Record<string, unknown>>,
  place: Omit<ExportPlace, 'property'> | Omit<ExportTokenPlace, 'property'>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([property, value]) => {
      if (!collection.own.has(property) || value === null) return [property, value];
      if (typeof value !== 'string') throw new VaultError('PV9032', { property });
      const text = key.open({ ...place, property }, value);
      return [property, parsed(text, property)];
    }),
  );
}

/** Whoever knows the export root key could have sealed anything. */
function parsed(text: string, property: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new VaultError('PV9032', { property });
  }
}
