import type { Attribute } from './event.js';
import { isNeverIngested } from './never-ingested.js';

/** Where a property comes from, most specific first. */
export interface AttributeMap {
  /** Written by the operator: path -> property. */
  readonly custom: ReadonlyMap<string, string>;
  /** The provider's own: path -> names a property for it may have. */
  readonly standard: ReadonlyMap<string, readonly string[]>;
  /** Paths that are left alone. */
  readonly ignore: readonly string[];
}

/** An attribute with the property it goes into. */
export interface MappedAttribute {
  readonly property: string;
  readonly attribute: Attribute;
}

/**
 * Finds the property of each attribute: the operator's map, then the name itself for free metadata, then the provider's standard map; only
 * properties that exist count. Those the operator mapped come first, the others in the event's order. Credentials are never mapped.
 */
export function mapAttributes(
  attributes: readonly Attribute[],
  map: AttributeMap,
  properties: ReadonlySet<string>,
): { readonly mapped: readonly MappedAttribute[]; readonly unmapped: readonly Attribute[] } {
  const chosen: MappedAttribute[] = [];
  const byName: MappedAttribute[] = [];
  const unmapped: Attribute[] = [];
  for (const attribute of attributes) {
    if (map.ignore.includes(attribute.path) || isNeverIngested(attribute.key)) continue;
    const custom = map.custom.get(attribute.path);
    const property = custom ?? propertyNamed(attribute, map, properties);
    if (property === undefined || !properties.has(property)) unmapped.push(attribute);
    else (custom === undefined ? byName : chosen).push({ property, attribute });
  }
  return { mapped: [...chosen, ...byName], unmapped };
}

function propertyNamed(
  { path, key, metadata }: Attribute,
  { standard }: AttributeMap,
  properties: ReadonlySet<string>,
): string | undefined {
  if (metadata && properties.has(key)) return key;
  return standard.get(path)?.find((name) => properties.has(name));
}
