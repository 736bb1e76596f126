import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { KnownCollection } from '../collection-named.js';
import { readObjectIds } from '../objects/object-ids.js';
import { checkComplete, givenProperties } from '../objects/prepare-object.js';
import { type ReadFields, readFields } from '../objects/read-fields.js';
import type { Vault } from '../vault.js';

/** What a token is made of: an object that exists, or values given here. */
export type TokenInput =
  | { readonly kind: 'object'; readonly id: string }
  | { readonly kind: 'fields'; readonly read: ReadFields; readonly store: boolean };

/** One item of a tokenize request, read and checked as far as it can be without looking anything up. */
export interface TokenizeRequest {
  readonly type: 'pointer' | 'randomized';
  readonly input: TokenInput;
  /** Names of the properties the token stands for. */
  readonly properties: readonly string[];
  /** Names of the properties that are stored as a new object. */
  readonly stored: readonly string[];
  readonly scope: string;
  readonly tags: readonly string[];
}

type WireRequest = components['schemas']['TokenizeRequest'];

const DEFAULT_SCOPE = 'default';

/** What the release after this one brings; said openly instead of doing something else. */
const PLANNED = ['token_id', 'fpprops', 'fptemplate', 'ensure_unique_tenant_tags'] as const;

/**
 * Reads one item. Throws PV2001 for what is not there yet, PV3004 for an unknown property in `props`, PV9006 where the input is not exactly
 * one of its kinds, PV9007 for too many tags, and what reading the fields throws. The context names the place.
 */
export function readTokenizeRequest(
  vault: Vault,
  collection: KnownCollection,
  item: WireRequest,
  index: number,
): TokenizeRequest {
  const at = (field: string): string => `body[${index}].${field}`;
  for (const field of PLANNED) {
    const value = item[field];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) {
      throw new VaultError('PV2001', { field: at(field) });
    }
  }
  if (item.type !== 'pointer' && item.type !== 'randomized')
    throw new VaultError('PV2001', { field: at('type') });
  if ((item.tags?.length ?? 0) > vault.settings.maxTokenTags)
    throw new VaultError('PV9007', { field: at('tags') });

  const input = readInput(vault, collection, item, at);
  if (input.kind === 'fields' && item.type === 'pointer' && !input.store) {
    throw new VaultError('PV9006', { field: at('object'), reason: 'a pointer needs an object to point to' });
  }
  return {
    type: item.type,
    input,
    properties: readProperties(collection, item, input, at),
    stored: input.kind === 'fields' && input.store ? givenProperties(input.read) : [],
    scope: item.scope || DEFAULT_SCOPE,
    tags: [...new Set(item.tags ?? [])],
  };
}

function readInput(
  vault: Vault,
  collection: KnownCollection,
  item: WireRequest,
  at: (field: string) => string,
): TokenInput {
  const { id, fields, encrypted, request_index } = item.object as Record<string, unknown>;
  const given = [id, fields, encrypted, request_index].filter((kind) => kind !== undefined && kind !== null);
  if (given.length !== 1)
    throw new VaultError('PV9006', { field: at('object'), reason: 'exactly one input' });

  if (typeof id === 'string') {
    if (item.store_object)
      throw new VaultError('PV9006', { field: at('store_object'), reason: 'needs fields' });
    return { kind: 'object', id: readObjectIds([id])[0]! };
  }
  if (typeof fields === 'object' && fields !== null) {
    const read = readFields(collection, fields as Record<string, unknown>, vault.settings.types);
    const store = item.store_object ?? false;
    if (store) checkComplete(collection, read.fields);
    else if (read.owner)
      throw new VaultError('PV9035', { field: at('object.fields'), reason: 'needs store_object' });
    else if (read.id !== undefined)
      throw new VaultError('PV9006', { field: at('object.fields'), property: 'id' });
    return { kind: 'fields', read, store };
  }
  throw new VaultError('PV2001', { field: at(encrypted ? 'object.encrypted' : 'object.request_index') });
}

/** `props`, or everything: all fields that are given, all properties of an object. */
function readProperties(
  collection: KnownCollection,
  item: WireRequest,
  input: TokenInput,
  at: (field: string) => string,
): string[] {
  if (!item.props || item.props.length === 0) {
    const all = input.kind === 'fields' ? givenFields(input.read) : [...collection.own.keys()];
    if (all.length > 0) return all;
    // What has no values of its own can still be pointed at.
    if (input.kind === 'object' || input.store) return ['id'];
    throw new VaultError('PV9006', { field: at('object.fields'), reason: 'there is nothing to tokenize' });
  }
  const allowed = (name: string): boolean => name === 'id' || collection.own.has(name);
  const unknown = item.props.findIndex((name) => !allowed(name));
  if (unknown >= 0) throw new VaultError('PV2003', { field: at(`props[${unknown}]`) });
  return [...new Set(item.props)];
}

/** The names of the operator's properties among the fields; a tenant is no value to be tokenized. */
function givenFields(read: ReadFields): string[] {
  return read.fields.map(({ property }) => property.name);
}
