import { VaultError } from '../errors.js';
import { BUILTINS } from './builtins.js';

/** Longest name of a policy, role, user, bundle, data type or action (api.md section 3). */
const MAX_ENTITY_NAME = 450;

/** Longest collection name, longest property name, and most that the two may have together (api.md 1.4). */
const MAX_COLLECTION_AND_PROPERTY = 40;

const ENTITY_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

export const NAME_REASONS = {
  form: 'must begin with a letter and hold only letters, digits and underscores',
  long: `may have at most ${MAX_COLLECTION_AND_PROPERTY} characters`,
  together: `the names of the collection and its longest property may have at most ${MAX_COLLECTION_AND_PROPERTY} characters together`,
  reserved: 'is the name of a built-in property',
  underscore: 'may not begin with an underscore',
  repeated: 'the name occurs twice (names may not differ only by case)',
  taken: 'a property of this name exists (names may not differ only by case)',
} as const;

/** Whether a text may name an entity of any kind. */
export function isEntityName(name: string, maxLength: number = MAX_ENTITY_NAME): boolean {
  return name.length <= maxLength && ENTITY_NAME.test(name);
}

/**
 * Refuses a property that a collection does not have. Its name is the caller's and could be a value in the wrong place, so it is not
 * repeated: the error says which of the names it is, from 0 on, and of which member.
 */
export function unknownProperty(index: number, field?: string): VaultError {
  const reason = `There is no property of the name at position ${index + 1} of those given.`;
  return new VaultError('PV3004', { ...(field !== undefined && { field }), reason });
}

/**
 * What two names must not share: names are case-sensitive, but two that differ only by case cannot exist side by
 * side. Names are ASCII, so this folding is the same in every locale and in SQL's lower().
 */
export function foldName(name: string): string {
  return name.toLowerCase();
}

/** Whether `name` is one of `others`, or differs from one only by case. */
export function isNameTaken(name: string, others: Iterable<string>): boolean {
  const folded = foldName(name);
  for (const other of others) if (foldName(other) === folded) return true;
  return false;
}

/**
 * Refuses a text that cannot name a collection.
 * @throws VaultError PV1008
 */
export function checkCollectionName(name: unknown): asserts name is string {
  const reason = typeof name === 'string' ? formProblem(name) : NAME_REASONS.form;
  if (reason) throw new VaultError('PV1008', { field: 'name', reason });
}

/**
 * Refuses a text that cannot name a property of a user's own; `field` is where the request has it.
 * @throws VaultError PV9004
 */
export function checkPropertyName(name: unknown, field: string): asserts name is string {
  const reason = typeof name === 'string' ? propertyProblem(name) : NAME_REASONS.form;
  if (reason) throw new VaultError('PV9004', { field, reason });
}

/**
 * Refuses a property whose name is too long beside its collection's; `field` is where the request has it.
 * @throws VaultError PV9004
 */
export function checkLengthTogether(collectionName: string, propertyName: string, field: string): void {
  if (collectionName.length + propertyName.length > MAX_COLLECTION_AND_PROPERTY)
    throw new VaultError('PV9004', { field, reason: NAME_REASONS.together });
}

function formProblem(name: string): string | undefined {
  if (name.length > MAX_COLLECTION_AND_PROPERTY) return NAME_REASONS.long;
  return ENTITY_NAME.test(name) ? undefined : NAME_REASONS.form;
}

function propertyProblem(name: string): string | undefined {
  if (isNameTaken(name, BUILTIN_NAMES)) return NAME_REASONS.reserved;
  if (name.startsWith('_')) return NAME_REASONS.underscore;
  return formProblem(name);
}

const BUILTIN_NAMES: readonly string[] = BUILTINS.map((builtin) => builtin.name);
