import type { components } from '../../generated/api.js';
import type { DataType } from '../../data-types/data-type.js';
import { transformationsOf } from '../../masks/index.js';

/** A built-in data type as it travels. */
export function presentDataType(type: DataType): components['schemas']['DataType'] {
  return {
    name: type.name,
    base_type_name: type.name,
    is_builtin: true,
    description: type.description,
    transformers: transformationsOf(type.name),
  };
}
