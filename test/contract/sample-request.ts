import { type ContractOperation, type JsonSchema, contract } from '../../src/generated/contract.js';
import type { Sent } from '../support/vault.js';

/** The least request for an operation that meets its contract. */
export interface SampleRequest {
  /** Path and query, with the parameters that the contract requires. */
  readonly target: string;
  readonly sent: Sent;
}

/** Makes the least request of an operation. `path` and `query` replace or add parameters. */
export function sampleRequest(
  operation: ContractOperation,
  { path = {}, query = {} }: { path?: Record<string, string>; query?: Record<string, string> } = {},
): SampleRequest {
  const { path: places, query: queries } = operation.parameters;
  const search = new URLSearchParams(
    queries.required.map((name): [string, string] => [name, String(sample(queries.properties[name]!))]),
  );
  for (const [name, value] of Object.entries(query)) search.set(name, value);
  const where = operation.path.replace(
    /\{(\w+)\}/g,
    (_, name: string) => path[name] ?? String(sample(places.properties[name]!)),
  );
  const target = search.size === 0 ? where : `${where}?${search.toString()}`;
  const [type, schema] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (type === undefined) return { target, sent: {} };
  return { target, sent: type === 'application/json' ? { json: sample(schema!) } : { raw: 'x', type } };
}

/** The least that meets a schema, as far as the contract's schemas go. */
export function sample(schema: JsonSchema): unknown {
  const {
    $ref: ref,
    enum: choices,
    oneOf,
    type,
    format,
    required,
    properties,
    items,
    minItems,
    minLength = 1,
  } = schema as {
    $ref?: string;
    enum?: unknown[];
    oneOf?: JsonSchema[];
    type?: string | string[];
    format?: string;
    required?: string[];
    properties?: Record<string, JsonSchema>;
    items?: JsonSchema;
    minItems?: number;
    minLength?: number;
  };
  if (ref !== undefined) return sample(contract.definitions.$defs[ref.split('/').at(-1)!]!);
  if (choices) return choices[0];
  if (oneOf) return sample(oneOf[0]!);
  switch ([type].flat()[0]) {
    case 'object':
      return Object.fromEntries((required ?? []).map((name) => [name, sample(properties![name]!)]));
    case 'array':
      return Array.from({ length: minItems ?? 0 }, () => sample(items!));
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return false;
    default:
      if (format === 'date-time') return '2026-01-01T00:00:00Z';
      return format === 'uuid' ? '00000000-0000-4000-8000-000000000000' : 'a'.repeat(minLength || 1);
  }
}
