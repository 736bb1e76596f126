import type { OperationId } from '../generated/contract.js';

type Table = Record<string, unknown>;

/** Where the bodies of operations define properties of collections. */
const DEFINITIONS: Partial<Record<OperationId, (body: Table) => unknown>> = {
  addCollection: ({ properties }) => properties,
  updateCollection: ({ properties }) => properties,
  addCollectionProperty: (body) => [body],
};

/**
 * Gives members the names they have today where a body has only those of clients of 2022 (0.9 and 1.0): `pii_type_name` of a property is its
 * `data_type_name`. In place, and whatever the body is: it has not been validated yet.
 */
export function renameFormerMembers(operation: OperationId, body: unknown): void {
  const definitions = isTable(body) ? DEFINITIONS[operation]?.(body) : undefined;
  if (!Array.isArray(definitions)) return;
  for (const property of definitions) {
    if (!isTable(property) || 'data_type_name' in property || !('pii_type_name' in property)) continue;
    property.data_type_name = property.pii_type_name;
  }
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
