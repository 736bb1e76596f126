import { VaultError } from '../errors.js';
import { COLLECTION_TYPES } from './collection.js';
import type { CollectionDefinition, PropertyDefinition } from './collection.js';
import { checkCollectionName } from './names.js';

/** What UpdateProperty may say (api.md 1.5). */
export type PropertyUpdate = Pick<
  PropertyDefinition,
  'description' | 'is_index' | 'is_substring_index' | 'is_nullable' | 'is_unique'
>;

const SHAPE_REASONS = {
  object: 'must be an object',
  list: 'must be a list',
  text: 'must be well-formed text without NUL',
  flag: 'must be true or false',
  type: 'must be PERSONS or DATA',
} as const;

/**
 * Reads a collection from parsed JSON or PVSchema, whatever it holds; attributes that the contract does not know are
 * dropped, null counts as absent (clients generated with nullable fields send it).
 * @throws VaultError PV1008 for the name, PV9004 naming the field for all else
 */
export function readCollectionDefinition(input: unknown): CollectionDefinition {
  const { name, type, properties } = objectAt(input, '');
  checkCollectionName(name);
  if (!isCollectionType(type)) throw refusal('type', SHAPE_REASONS.type);
  if (!Array.isArray(properties)) throw refusal('properties', SHAPE_REASONS.list);
  return {
    name,
    type,
    properties: properties.map((property, i) => readPropertyDefinition(property, `properties[${i}]`)),
  };
}

/**
 * Reads one property likewise; `at` is where the request has it, '' for a request that is the property.
 * @throws VaultError PV9004
 */
export function readPropertyDefinition(input: unknown, at = ''): PropertyDefinition {
  const raw = objectAt(input, at);
  return {
    name: textAt(raw.name, fieldIn(at, 'name')),
    data_type_name: textAt(raw.data_type_name, fieldIn(at, 'data_type_name')),
    ...readPropertyUpdate(raw, at),
    ...flagsIn(raw, at, ['is_encrypted', 'is_builtin', 'is_readonly']),
  };
}

/**
 * Reads the attributes that may change later; absent stays absent.
 * @throws VaultError PV9004
 */
export function readPropertyUpdate(input: unknown, at = ''): PropertyUpdate {
  const raw = objectAt(input, at);
  const flags = flagsIn(raw, at, ['is_index', 'is_substring_index', 'is_nullable', 'is_unique']);
  if (raw.description === undefined || raw.description === null) return flags;
  return { ...flags, description: textAt(raw.description, fieldIn(at, 'description')) };
}

/** The place of an attribute in the request, as errors name it: `properties[2].data_type_name`. */
export function fieldIn(at: string, attribute: string): string {
  return at === '' ? attribute : `${at}.${attribute}`;
}

/** The refusal of a definition. The reason is a constant, so that no free text of the request comes back. */
export function refusal(field: string, reason: string): VaultError {
  return new VaultError('PV9004', { field, reason });
}

function objectAt(input: unknown, at: string): Record<string, unknown> {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw refusal(at || 'body', SHAPE_REASONS.object);
  return input as Record<string, unknown>;
}

// PostgreSQL's text refuses NUL, and UTF-8 has no form for half a surrogate pair.
const UNSTORABLE = /[\p{Surrogate}\0]/u;

function textAt(value: unknown, field: string): string {
  if (typeof value !== 'string' || UNSTORABLE.test(value)) throw refusal(field, SHAPE_REASONS.text);
  return value;
}

function flagsIn<K extends keyof PropertyDefinition>(
  raw: Record<string, unknown>,
  at: string,
  names: readonly K[],
): { [N in K]?: boolean } {
  const flags: { [N in K]?: boolean } = {};
  for (const name of names) {
    const value = raw[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'boolean') throw refusal(fieldIn(at, name), SHAPE_REASONS.flag);
    flags[name] = value;
  }
  return flags;
}

function isCollectionType(value: unknown): value is CollectionDefinition['type'] {
  return COLLECTION_TYPES.some((type) => type === value);
}
