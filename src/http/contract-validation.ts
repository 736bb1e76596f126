import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type JsonSchema, contract } from '../generated/contract.js';
import { pointerTo, those } from './pointers.js';

/** Where a value does not meet its schema and why; free of the value. */
export interface Misfit {
  readonly field: string;
  readonly reason: string;
}

// That the schemas themselves are sound is tested, not found out anew at every start: it would be most of the time this takes.
const ajv = new Ajv2020({
  strict: true,
  allErrors: false,
  verbose: true,
  meta: false,
  validateSchema: false,
});
addFormats.default(ajv);
ajv.addSchema(contract.definitions);

const COMPILED = new Map<JsonSchema, ValidateFunction>();

/** Whether a value meets a schema of the contract; null where it does. Compiles the schema at its first use. */
export function misfitOf(schema: JsonSchema, value: unknown): Misfit | null {
  let validate = COMPILED.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    COMPILED.set(schema, validate);
  }
  if (validate(value)) return null;
  // The last error is the outermost: of a choice, that none of the alternatives fits.
  const error = validate.errors!.at(-1)!;
  return { field: pointerTo(placeOf(error, value)), reason: reasonOf(error) };
}

/** The steps to the place of an error. Array positions become numbers, so that a member named like one is not taken for it. */
function placeOf({ instancePath, keyword, params }: ErrorObject, value: unknown): (string | number)[] {
  const place: (string | number)[] = [];
  let here = value;
  for (const step of instancePath.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    place.push(Array.isArray(here) ? Number(name) : name);
    here = (here as Record<string, unknown>)[name];
  }
  if (keyword === 'required') place.push(String((params as { missingProperty: string }).missingProperty));
  if (keyword === 'additionalProperties') {
    place.push(String((params as { additionalProperty: string }).additionalProperty));
  }
  return place;
}

/** Made of what the contract says, never of what the caller sent. */
function reasonOf({ keyword, params, parentSchema }: ErrorObject): string {
  const said = params as {
    type?: string | string[];
    format?: string;
    limit?: number;
    pattern?: string;
    allowedValues?: readonly unknown[];
  };
  switch (keyword) {
    case 'type':
      return `It must be of type ${[said.type ?? []].flat().join(' or ')}.`;
    case 'required':
      return 'It is missing.';
    case 'additionalProperties':
      return `It is not known here.${those(Object.keys((parentSchema?.properties ?? {}) as object))}`;
    case 'enum':
      return `It must be one of: ${said.allowedValues!.join(', ')}.`;
    case 'pattern':
      return `It must match ${said.pattern}`;
    case 'format':
      return `It is not a valid ${said.format ?? 'value'}.`;
    case 'minLength':
    case 'minItems':
    case 'minimum':
      return `It must be at least ${said.limit} ${UNITS[keyword]}`.trim() + '.';
    case 'maxLength':
    case 'maxItems':
    case 'maximum':
      return `It must be at most ${said.limit} ${UNITS[keyword]}`.trim() + '.';
    case 'oneOf':
      return 'It must be exactly one of the alternatives.';
    default:
      return 'It does not comply with the OpenAPI document.';
  }
}

const UNITS = {
  minLength: 'characters long',
  maxLength: 'characters long',
  minItems: 'items long',
  maxItems: 'items long',
  minimum: '',
  maximum: '',
} as const;
