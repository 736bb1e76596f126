import { isEntityName } from '../collections/names.js';
import { VaultError } from '../errors.js';
import { compileGlob } from '../policy/glob.js';

export const FUNCTION_TYPES = ['validator', 'normalizer', 'transformer', 'action'] as const;
export type FunctionType = (typeof FUNCTION_TYPES)[number];

/** What a bundle says of one function it exports. */
export interface FunctionPrototype {
  readonly name: string;
  readonly type: FunctionType;
  readonly description: string | null;
  /** Globs of the properties the function reads besides its value. */
  readonly properties: readonly string[];
}

const GLOB = /^[A-Za-z0-9_*]{1,40}$/;
const MOST_GLOBS = 100;
const LONGEST_DESCRIPTION = 10_000;

/**
 * Reads what the sandbox found a bundle to export, sorted by name. Throws PV9056 naming the export, where its name may be repeated, and
 * a constant reason.
 */
export function readPrototypes(found: unknown): FunctionPrototype[] {
  if (!Array.isArray(found)) throw refusal('', 'the exports are not an object');
  if (found.length === 0) throw refusal('', 'nothing is exported');
  return found.map(readPrototype).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A prototype of the old code that the new code does not export; undefined where it exports all of them. */
export function missingPrototype(
  before: readonly FunctionPrototype[],
  after: readonly FunctionPrototype[],
): FunctionPrototype | undefined {
  return before.find((old) => !after.some(({ name, type }) => name === old.name && type === old.type));
}

/** The properties among `names` that the globs cover. */
export function dependenciesAmong(names: Iterable<string>, globs: readonly string[]): string[] {
  const patterns = globs.map(compileGlob);
  return [...names].filter((name) => patterns.some((matches) => matches(name)));
}

function readPrototype(found: unknown): FunctionPrototype {
  const { name, type, callable, description, properties = [] } = found as Record<string, unknown>;
  if (typeof name !== 'string' || !isEntityName(name)) throw refusal('', 'an export has no proper name');
  if (!FUNCTION_TYPES.some((known) => known === type)) throw refusal(name, 'the type is unknown');
  if (callable !== true) throw refusal(name, 'the handler is not a function');
  if (description !== undefined && description !== null && !isDescription(description)) {
    throw refusal(name, 'the description is not a text');
  }
  if (!isGlobList(properties)) throw refusal(name, 'the dependencies are not names or globs of properties');
  return {
    name,
    type: type as FunctionType,
    description: (description ?? null) as string | null,
    properties,
  };
}

function isDescription(value: unknown): boolean {
  return (
    typeof value === 'string' && value.length <= LONGEST_DESCRIPTION && !/[\p{Surrogate}\0]/u.test(value)
  );
}

function isGlobList(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length <= MOST_GLOBS &&
    value.every((glob) => typeof glob === 'string' && GLOB.test(glob))
  );
}

function refusal(name: string, reason: string): VaultError {
  return new VaultError('PV9056', name === '' ? { reason } : { export: name, reason });
}
