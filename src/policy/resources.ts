import { compileGlob } from './glob.js';

/** One thing an operation touches, with everything a policy can tell it by. */
export type Resource =
  | {
      readonly kind: 'property';
      readonly collection: string;
      readonly property: string;
      readonly typeName: string;
      readonly transformation?: string;
    }
  | { readonly kind: 'tokens'; readonly collection: string }
  | { readonly kind: 'action'; readonly action: string };

type Test = (text: string) => boolean;

/** A resource as a policy names it, ready to be matched. */
export type ResourcePattern =
  | { readonly kind: 'everything' }
  | { readonly kind: 'property'; readonly collection: Test; readonly name: Test }
  | { readonly kind: 'type'; readonly collection: Test; readonly name: Test }
  | { readonly kind: 'tokens'; readonly collection: Test }
  | { readonly kind: 'action'; readonly name: Test };

const NAME_GLOB = /^[A-Za-z0-9_*]+$/;
const TRANSFORMED_GLOB = /^[A-Za-z0-9_*]+(\.[A-Za-z0-9_*]+)?$/;

/**
 * Reads one entry of a policy's `resources`; null where it is none of the forms of api.md 5.4:
 * `*`, `<collection>/properties/<property>[.<transformation>]`, `<collection>/types/<TYPE>[.<transformation>]`,
 * `<collection>/tokens`, `actions/<action>`, and the older `<collection>/<property>[.<transformation>]`.
 *
 * `*` inside a segment is any run of characters, the dot included: `users/properties/*` covers `ssn` and
 * `ssn.mask`, while `users/properties/ssn` covers `ssn` only. In two segments the words `tokens` (second) and
 * `actions` (first) win over the older form; a property or collection of that name needs the long form.
 */
export function parseResource(text: string): ResourcePattern | null {
  if (text === '*') return { kind: 'everything' };

  const [first = '', second = '', third, ...more] = text.split('/');
  if (more.length > 0 || !NAME_GLOB.test(first)) return null;

  if (third !== undefined) {
    if (!TRANSFORMED_GLOB.test(third)) return null;
    if (second === 'properties') return propertyPattern(first, third);
    if (second === 'types')
      return { kind: 'type', collection: compileGlob(first), name: compileGlob(foldType(third)) };
    return null;
  }

  if (first === 'actions')
    return NAME_GLOB.test(second) ? { kind: 'action', name: compileGlob(second) } : null;
  if (second === 'tokens') return { kind: 'tokens', collection: compileGlob(first) };
  return TRANSFORMED_GLOB.test(second) ? propertyPattern(first, second) : null;
}

/** Whether the pattern covers the resource. Pure; names compare exactly, type names without regard to case. */
export function matchesResource(pattern: ResourcePattern, resource: Resource): boolean {
  switch (pattern.kind) {
    case 'everything':
      return true;
    case 'property':
      return (
        resource.kind === 'property' &&
        pattern.collection(resource.collection) &&
        pattern.name(withTransformation(resource.property, resource.transformation))
      );
    case 'type':
      return (
        resource.kind === 'property' &&
        pattern.collection(resource.collection) &&
        pattern.name(foldType(withTransformation(resource.typeName, resource.transformation)))
      );
    case 'tokens':
      return resource.kind === 'tokens' && pattern.collection(resource.collection);
    case 'action':
      return resource.kind === 'action' && pattern.name(resource.action);
  }
}

/** Whether the pattern covers anything at all a collection of this name could hold. */
export function reachesCollection(pattern: ResourcePattern, collection: string): boolean {
  if (pattern.kind === 'everything') return true;
  return pattern.kind !== 'action' && pattern.collection(collection);
}

/** The name under which a caller asks for a property and under which a policy grants it. */
export function withTransformation(name: string, transformation: string | undefined): string {
  return transformation === undefined ? name : `${name}.${transformation}`;
}

function propertyPattern(collection: string, name: string): ResourcePattern {
  return { kind: 'property', collection: compileGlob(collection), name: compileGlob(name) };
}

/**
 * Deployed policies write `types/ssn` for the type SSN. Compared exactly, such a deny would silently deny
 * nothing. No two types differ only by case, so folding confuses none; transformations keep their case.
 */
function foldType(segment: string): string {
  const dot = segment.indexOf('.');
  return dot < 0 ? segment.toLowerCase() : segment.slice(0, dot).toLowerCase() + segment.slice(dot);
}
