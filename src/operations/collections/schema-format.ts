import { VaultError } from '../../errors.js';
import type { Collection } from '../../collections/collection.js';
import { type CollectionAnswer, presentCollection } from '../../collections/present.js';
import { parsePVSchemaCollection } from '../../collections/pvschema/parse.js';
import { printPVSchemas } from '../../collections/pvschema/print.js';
import type { Call } from '../call.js';
import { TextAnswer } from '../operation.js';

/** The media type of PVSchema texts. */
const PVSCHEMA = 'application/pvschema';

type SchemaCall =
  Call<'listCollections'> | Call<'addCollection'> | Call<'getCollection'> | Call<'updateCollection'>;

/** The collection a request defines, in whichever of the two formats it came. Throws PV9004 for a PVSchema text that is none. */
export function readDefinition(call: Call<'addCollection'> | Call<'updateCollection'>): unknown {
  if (call.contentType !== PVSCHEMA) return call.body;
  if (typeof call.body !== 'string') throw new VaultError('PV9004');
  return parsePVSchemaCollection(call.body);
}

/** Collections in the format the request asks for: `format`, which wins, or `Accept`. */
export function presentOne(call: SchemaCall, collection: Collection): CollectionAnswer | TextAnswer {
  const options = optionsOf(call);
  if (wantsPVSchema(call)) return new TextAnswer(PVSCHEMA, printPVSchemas([collection], options));
  return presentCollection(collection, options);
}

/** As {@link presentOne}, for a list. */
export function presentAll(
  call: SchemaCall,
  collections: readonly Collection[],
): CollectionAnswer[] | TextAnswer {
  const options = optionsOf(call);
  if (wantsPVSchema(call)) return new TextAnswer(PVSCHEMA, printPVSchemas(collections, options));
  return collections.map((collection) => presentCollection(collection, options));
}

function wantsPVSchema(call: SchemaCall): boolean {
  return call.query.format ? call.query.format === 'pvschema' : call.accept === PVSCHEMA;
}

function optionsOf(call: SchemaCall): { showBuiltins: boolean } {
  return { showBuiltins: call.query.options?.includes('show_builtins') ?? false };
}
