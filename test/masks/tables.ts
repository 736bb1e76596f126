import type { JsonValue } from '../../src/data-types/data-type.js';
import type { BuiltinTypeName } from '../../src/data-types/index.js';
import { maskFor } from '../../src/masks/index.js';

export const NOW = new Date('2025-11-20T12:00:00Z');

/** What a transformation of a built-in type makes of a normal form. */
export function transformed(binding: `${BuiltinTypeName}.${string}`, value: JsonValue, now = NOW): JsonValue {
  const [type = '', name = ''] = binding.split('.');
  const mask = maskFor(type, name);
  if (mask === undefined) throw new Error(`no transformation ${binding}`);
  return mask.apply(value, { now });
}

/** One test per row: the transformation shows exactly this. */
export function shows(
  binding: `${BuiltinTypeName}.${string}`,
  rows: [value: JsonValue, shown: JsonValue, why: string][],
) {
  test.each(rows)(`${binding} shows %j as %j: %s`, (value, shown) => {
    expect(transformed(binding, value)).toEqual(shown);
  });
}
