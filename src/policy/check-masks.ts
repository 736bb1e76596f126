import type { CollectionFacts } from './collection-facts.js';
import type { IamConfig } from './iam-config.js';
import { invalid } from './iam-fields.js';

/**
 * Refuses a config with a mask that would mask nothing: of an unknown collection or property, or with a
 * transformation the property does not have. A misspelt mask must not leave a role reading plainly.
 * Throws PV9011 naming the role. Source: architecture.md D11.
 */
export function checkMasks(config: IamConfig, collections: ReadonlyMap<string, CollectionFacts>): void {
  for (const [name, role] of config.roles) {
    for (const mask of role.masks) {
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
