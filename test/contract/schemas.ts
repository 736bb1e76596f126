import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { contract, type JsonSchema } from '../../src/generated/contract.js';

/** As strict as Ajv can be, so that a misspelt keyword in the contract is an error and not ignored. */
export function compiler(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(contract.definitions);
  return ajv;
}

/** The validator of one named schema. */
export function schema(name: string): ValidateFunction {
  if (!(name in contract.definitions.$defs)) throw new Error(`no schema ${name}`);
  return compiler().compile({ $ref: `contract#/$defs/${name}` });
}

/** Whether a value meets a schema, with what is wrong as the message when it does not. */
export function problems(validate: ValidateFunction, value: unknown): string[] {
  return validate(value) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
}

/** All schemas of one operation, by where they stand. */
export function schemasOf(id: keyof typeof contract.operations): [string, JsonSchema][] {
  const { parameters, requestBody, response } = contract.operations[id];
  return [
    ...Object.entries(parameters),
    ...Object.entries(requestBody?.content ?? {}).map(([type, s]): [string, JsonSchema] => [
      `request ${type}`,
      s,
    ]),
    ...Object.entries(response ?? {}).map(([type, s]): [string, JsonSchema] => [`answer ${type}`, s]),
  ];
}
