import type { CollectionFacts } from './collection-facts.js';
import type { IamConfig, RoleMask } from './iam-config.js';
import { invalid } from './iam-fields.js';

/**
 * What is in force already may stay: a mask whose property was deleted still hides the one of that name that may be added later, and a
 * configuration that was read can be set again (docs/adr/0014).
 *
 * Refuses a config with a mask that would mask nothing: of an unknown collection or property, or with a
 * transformation the property does not have. A misspelt mask must not leave a role reading plainly.
 * Throws PV9011 naming the role. Source: architecture.md D11.
 */
export function checkMasks(
  config: IamConfig,
  inForce: IamConfig,
  collections: ReadonlyMap<string, CollectionFacts>,
): void {
  for (const [name, role] of config.roles) {
    const kept = inForce.roles.get(name)?.masks ?? [];
    for (const mask of role.masks) {
      if (kept.some((known) => isSame(known, mask))) continue;
      const path = `roles.${name}.masks`;
      const collection = collections.get(mask.collection);
      if (collection === undefined) return invalid(path, 'A masked collection does not exist.');
      const property = collection.properties.get(mask.property);
      if (property === undefined) return invalid(path, 'A masked property does not exist.');
      if (!property.transformations.has(mask.transformation))
        return invalid(path, 'A masked property does not have this transformation.');
    }
  }
}

function isSame(a: RoleMask, b: RoleMask): boolean {
  return a.collection === b.collection && a.property === b.property && a.transformation === b.transformation;
}
