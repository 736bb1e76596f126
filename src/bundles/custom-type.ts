import { isEntityName, isNameTaken } from '../collections/names.js';
import { DATA_TYPES, dataTypeNamed } from '../data-types/index.js';
import { VaultError } from '../errors.js';
import { transformationsOf } from '../masks/index.js';
import { checkDescription } from './description.js';
import type { FunctionPrototype, FunctionType } from './prototypes.js';

/** A data type with functions of bundles, each named `bundle.function`. */
export interface CustomType {
  readonly name: string;
  /** The built-in type below it; its own name for a built-in type that was given transformers. */
  readonly baseTypeName: string;
  readonly description: string;
  readonly validator: string | null;
  readonly normalizer: string | null;
  readonly transformers: readonly string[];
  /** One of the transformers. */
  readonly defaultTransformer: string | null;
}

/** A reference as a request writes it. */
type Reference = string | { readonly bundle: string; readonly function: string };

/** A data type as a request states it; what is absent was not said. */
export interface TypeInput {
  readonly name?: string;
  readonly base_type_name?: string;
  readonly description?: string;
  readonly validator?: Reference;
  readonly normalizer?: Reference;
  readonly transformers?: readonly Reference[];
  readonly default_transformer?: Reference;
}

/** What definitions are read against: the function behind `bundle.function`. */
export type FindFunction = (name: string) => FunctionPrototype | undefined;

/** The transformation that looks something up; no function may take its name. */
const RESERVED = 'token';

/**
 * Makes a new type of a request's definition. Throws PV9004 naming the field, PV9003 for a name that is taken in whatever case, PV9013 where the
 * base is no built-in type, PV9058 for a function that is not there.
 */
export function defineType(input: TypeInput, find: FindFunction, taken: Iterable<string>): CustomType {
  const { name = '', base_type_name: base = '' } = input;
  checkDescription(input.description ?? '');
  if (!isEntityName(name)) throw refusal('name', 'is not the name of a data type');
  if (isNameTaken(name, [...Object.keys(DATA_TYPES), ...taken])) {
    throw new VaultError('PV9003', { field: 'name' });
  }
  if (!dataTypeNamed(base)) throw new VaultError('PV9013', { field: 'base_type_name' });

  return checkDefault({
    name,
    baseTypeName: base,
    description: input.description ?? '',
    validator: functionOf(input.validator, 'validator', find),
    normalizer: functionOf(input.normalizer, 'normalizer', find),
    transformers: transformersOf(input.transformers ?? [], find, []),
    defaultTransformer: functionOf(input.default_transformer, 'transformer', find, 'default_transformer'),
  });
}

/**
 * A type as a PATCH leaves it (api.md 1.6). `transformers` replaces the list; an empty reference takes validator or default transformer away.
 * Throws PV9004 for what cannot change, PV9058 for a function that is not there.
 */
export function amendType(type: CustomType, input: TypeInput, find: FindFunction): CustomType {
  checkDescription(input.description ?? '');
  const builtin = dataTypeNamed(type.name) !== undefined;
  if (input.name !== undefined && input.name !== type.name) throw refusal('name', 'cannot change');
  if (input.base_type_name !== undefined && input.base_type_name !== type.baseTypeName) {
    throw refusal('base_type_name', 'cannot change');
  }

  const inherited = builtin ? transformationsOf(type.name) : [];
  const next = {
    ...type,
    transformers: input.transformers
      ? transformersOf(input.transformers, find, inherited)
      : type.transformers,
  };
  const normalizer = functionOf(input.normalizer, 'normalizer', find);
  if (input.normalizer !== undefined && normalizer !== type.normalizer) {
    throw refusal('normalizer', 'cannot change');
  }
  if (builtin) {
    for (const field of ['validator', 'default_transformer'] as const) {
      if (input[field] !== undefined && input[field] !== '') throw refusal(field, 'a built-in type has none');
    }
    return next;
  }

  const validator =
    input.validator === undefined ? type.validator : functionOf(input.validator, 'validator', find);
  // What was normalised is no longer what the validator would have to pass again.
  if (validator !== type.validator && type.normalizer !== null) {
    throw refusal('validator', 'cannot change where there is a normalizer');
  }
  return checkDefault({
    ...next,
    description: input.description ?? type.description,
    validator,
    defaultTransformer:
      input.default_transformer === undefined
        ? type.defaultTransformer
        : functionOf(input.default_transformer, 'transformer', find, 'default_transformer'),
  });
}

/** The names of all functions a type refers to. */
export function functionsOf(type: CustomType): string[] {
  return [type.validator, type.normalizer, ...type.transformers].filter((name) => name !== null);
}

/** The bundle part of `bundle.function`. */
export function bundleOf(functionName: string): string {
  return functionName.slice(0, functionName.indexOf('.'));
}

/** The part behind the dot: what a transformation is asked for by. */
export function shortName(functionName: string): string {
  return functionName.slice(functionName.indexOf('.') + 1);
}

function functionOf(
  reference: Reference | undefined,
  type: FunctionType,
  find: FindFunction,
  field: string = type,
): string | null {
  if (reference === undefined || reference === '') return null;
  const name = typeof reference === 'string' ? reference : `${reference.bundle}.${reference.function}`;
  if (find(name)?.type !== type) throw new VaultError('PV9058', { field });
  return name;
}

/** `inherited` are names of built-in transformations, which a list may repeat and cannot take away. */
function transformersOf(
  references: readonly Reference[],
  find: FindFunction,
  inherited: readonly string[],
): string[] {
  const names = references.flatMap((reference, i) =>
    typeof reference === 'string' && inherited.includes(reference)
      ? []
      : (functionOf(reference, 'transformer', find, `transformers[${i}]`) ?? []),
  );
  const short = names.map(shortName);
  if (new Set(short).size !== short.length) throw refusal('transformers', 'two have the same name');
  // Who may see `ssn.mask` was told which mask that is.
  if (short.some((name) => name === RESERVED || inherited.includes(name))) {
    throw refusal('transformers', 'one has the name of a built-in transformation');
  }
  return names;
}

function checkDefault(type: CustomType): CustomType {
  if (type.defaultTransformer !== null && !type.transformers.includes(type.defaultTransformer)) {
    throw refusal('default_transformer', 'is not among the transformers');
  }
  return type;
}

function refusal(field: string, reason: string): VaultError {
  return new VaultError('PV9004', { field, reason });
}
