import type { DefineOptions } from '../../collections/define.js';
import { dataTypeNamed } from '../../data-types/index.js';
import type { DataType } from '../../data-types/data-type.js';
import type { Call } from '../call.js';
import type { Vault } from '../vault.js';

/** What defining a collection or property needs to know of this request and this vault. */
export function defineOptions(call: Call, vault: Vault): DefineOptions {
  const { maxStringLength } = vault.settings.types;
  return {
    now: call.startedAt,
    maxStringLength,
    dataTypeNamed: (name) => dataTypeNamed(name) ?? customType(call, name, maxStringLength),
  };
}

/** A STRING may be too long to be indexed, whatever name it goes by. */
const LONGEST_INDEXED_STRING = 2048;

/** A custom type as far as definitions look at types: what may be indexed is up to the type below it. */
function customType({ metadata }: Call, name: string, maxStringLength: number): DataType | undefined {
  const custom = metadata.types.get(name);
  const base = custom && dataTypeNamed(custom.baseTypeName);
  if (!base) return undefined;
  const isString = base.name === 'STRING';
  return {
    ...base,
    name,
    indexable: base.indexable && !(isString && maxStringLength > LONGEST_INDEXED_STRING),
    substringIndexable: isString,
  };
}
