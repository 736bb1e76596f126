import type { CustomType } from '../../bundles/custom-type.js';
import { presentTime } from '../../collections/present.js';
import type { components } from '../../generated/api.js';
import type { DataType } from '../../data-types/data-type.js';
import { transformationsOf } from '../../masks/index.js';
import type { StoredType } from '../../store/metadata.js';

type DataTypeAnswer = components['schemas']['DataType'];

/** A built-in data type as it travels, with the transformers it was given. */
export function presentDataType(type: DataType, given: CustomType | undefined): DataTypeAnswer {
  return {
    name: type.name,
    base_type_name: type.name,
    is_builtin: true,
    description: type.description,
    transformers: [...transformationsOf(type.name), ...(given?.transformers ?? [])],
  };
}

/** A custom data type as it travels. */
export function presentCustomType(type: StoredType): DataTypeAnswer {
  return {
    name: type.name,
    base_type_name: type.baseTypeName,
    is_builtin: false,
    description: type.description,
    ...(type.validator !== null && { validator: type.validator }),
    ...(type.normalizer !== null && { normalizer: type.normalizer }),
    transformers: [...type.transformers],
    ...(type.defaultTransformer !== null && { default_transformer: type.defaultTransformer }),
    creation_time: presentTime(type.creationTime),
  };
}
