import { type CustomType, bundleOf, shortName } from './custom-type.js';
import type { FunctionPrototype } from './prototypes.js';
import type { Code } from './sandbox.js';

/** A function ready to be called. */
export interface LinkedFunction {
  readonly bundle: Code;
  readonly name: string;
  readonly properties: readonly string[];
}

/** A type with its functions. */
export interface LinkedType {
  readonly name: string;
  readonly baseTypeName: string;
  readonly validator: LinkedFunction | null;
  readonly normalizer: LinkedFunction | null;
  /** By the name they are asked for. */
  readonly transformers: ReadonlyMap<string, LinkedFunction>;
  readonly defaultTransformation: string | null;
}

/** A bundle and what it exports. */
export interface Bundle extends Code {
  readonly description: string;
  readonly functions: readonly FunctionPrototype[];
}

/** The function behind `bundle.function`; undefined where there is none. */
export function functionNamed(
  bundles: ReadonlyMap<string, Bundle>,
  name: string,
): { readonly bundle: Bundle; readonly prototype: FunctionPrototype } | undefined {
  const bundle = bundles.get(bundleOf(name));
  const prototype = bundle?.functions.find((each) => each.name === shortName(name));
  return bundle && prototype && { bundle, prototype };
}

/** Resolves the references of a type. One that leads nowhere becomes a function that fails: what it should have checked stays unchecked else. */
export function linkType(type: CustomType, bundles: ReadonlyMap<string, Bundle>): LinkedType {
  const link = (name: string): LinkedFunction => {
    const found = functionNamed(bundles, name);
    return {
      bundle: found?.bundle ?? { name: bundleOf(name), code: '' },
      name: shortName(name),
      properties: found?.prototype.properties ?? [],
    };
  };
  return {
    name: type.name,
    baseTypeName: type.baseTypeName,
    validator: type.validator === null ? null : link(type.validator),
    normalizer: type.normalizer === null ? null : link(type.normalizer),
    transformers: new Map(type.transformers.map((name) => [shortName(name), link(name)])),
    defaultTransformation: type.defaultTransformer === null ? null : shortName(type.defaultTransformer),
  };
}
