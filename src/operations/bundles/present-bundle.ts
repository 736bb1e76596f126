import { presentTime } from '../../collections/present.js';
import { FUNCTION_TYPES, type FunctionPrototype } from '../../bundles/prototypes.js';
import type { components } from '../../generated/api.js';
import type { StoredBundle } from '../../store/metadata.js';

type Bundle = components['schemas']['Bundle'];
type Exports = components['schemas']['BundleExports'];
type Prototype = components['schemas']['FunctionPrototype'];

/** A bundle as it travels, with its code where asked for. */
export function presentBundle(bundle: StoredBundle, { withCode }: { withCode: boolean }): Bundle {
  return {
    name: bundle.name,
    description: bundle.description,
    ...(withCode && { code: Buffer.from(bundle.code, 'utf8').toString('base64') }),
    exports: presentExports(bundle.functions),
    creation_time: presentTime(bundle.creationTime),
  };
}

/** The functions by type, in the order of their names, as they are kept; a type that none has is left out. */
function presentExports(functions: readonly FunctionPrototype[]): Exports {
  const lists = FUNCTION_TYPES.map((type) => [
    `${type}s`,
    functions.filter((each) => each.type === type).map(presentPrototype),
  ]);
  return Object.fromEntries(lists.filter(([, list]) => list!.length > 0)) as Exports;
}

function presentPrototype({ name, type, description, properties }: FunctionPrototype): Prototype {
  return {
    name,
    type,
    ...(description !== null && { description }),
    ...(properties.length > 0 && { dependencies: { properties: [...properties] } }),
  };
}
