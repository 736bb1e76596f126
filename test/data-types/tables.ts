import { dataTypeNamed, type BuiltinTypeName } from '../../src/data-types/index.js';
import type { DataType, JsonValue, Normalised, TypeLimits } from '../../src/data-types/data-type.js';

/** The limits of a vault whose settings nobody touched. */
export const LIMITS: TypeLimits = { maxStringLength: 450, maxBlobLength: 5 * 1024 * 1024, checkLuhn: true };

function typeOf(name: BuiltinTypeName): DataType {
  const type = dataTypeNamed(name);
  if (type === undefined) throw new Error(`no data type ${name}`);
  return type;
}

export function normalise(name: BuiltinTypeName, value: unknown, limits = LIMITS): Normalised {
  return typeOf(name).normalise(value, limits);
}

/** One test per row: the type takes the value and its normal form is the expected one. */
export function accepts(name: BuiltinTypeName, rows: [value: unknown, normalForm: JsonValue, why: string][]) {
  test.each(rows)(`${name} normalises %j to %j: %s`, (value, normalForm) => {
    expect(normalise(name, value)).toEqual({ ok: true, value: normalForm });
  });
}

/** One test per row: the type refuses the value, with a reason that is not the value. */
export function refuses(name: BuiltinTypeName, rows: [value: unknown, why: string][]) {
  test.each(rows)(`${name} refuses %j: %s`, (value) => {
    expect(normalise(name, value)).toEqual({ ok: false, reason: expect.stringMatching(/^must /) });
  });
}
