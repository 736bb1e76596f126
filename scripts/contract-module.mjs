import { contractOf } from './contract-data.mjs';

/** src/generated/contract.json. */
export function contractJson(document) {
  return `${JSON.stringify(contractOf(document), null, 1)}\n`;
}

/** The same with its types: src/generated/contract.ts. */
export function contractModule(document) {
  const contract = contractOf(document);
  const ids = Object.keys(contract.operations).map((id) => `  | '${id}'`);
  return `// generated from openapi/ by scripts/generate.mjs, do not edit

/** A JSON schema for Ajv 2020, free of annotations. References go to \`definitions\`. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema for all parameters of one place together, by name; header names are in lower case. */
export type ParametersSchema = Readonly<{
  type: 'object';
  properties: Readonly<Record<string, JsonSchema>>;
  required: readonly string[];
  additionalProperties: boolean;
}>;

export type OperationId =
${ids.join('\n')};

export interface ContractOperation {
  readonly operationId: OperationId;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** The whole path, with its parameters in braces. */
  readonly path: string;
  readonly tag: string;
  /** Not built yet: answers 501. */
  readonly planned: boolean;
  /** May be called without a key. */
  readonly public: boolean;
  /** 'optional': a key may be absent, but one that is sent must be valid. */
  readonly auth: 'none' | 'optional' | 'required';
  /** Makes something new and takes an Idempotency-Key. */
  readonly creates: boolean;
  /** Bytes the body may have. */
  readonly xMaxBody: number;
  /** The same for a collection that has properties for large values: BLOB, LONG_TEXT, JSON. */
  readonly xMaxBodyLargeValues: number;
  readonly capabilities: readonly string[];
  readonly capabilitiesMatch: 'any' | 'all';
  readonly parameters: Readonly<Record<'path' | 'query' | 'header', ParametersSchema>>;
  /** null: takes no body. \`content\` is by content type. */
  readonly requestBody: { readonly required: boolean; readonly content: Readonly<Record<string, JsonSchema>> } | null;
  /** What 200 answers, by content type. null: an empty body. */
  readonly response: Readonly<Record<string, JsonSchema>> | null;
  /** Codes of all errors it can give. */
  readonly errors: readonly string[];
}

export interface Contract {
  /** To be added to Ajv with \`addSchema\` before a schema of an operation is compiled. */
  readonly definitions: { readonly $id: string; readonly $defs: Readonly<Record<string, JsonSchema>> };
  readonly operations: Readonly<Record<OperationId, ContractOperation>>;
  readonly errorCodes: Readonly<Record<string, { readonly status: number; readonly message: string }>>;
  /** Where personal data may be, as JSON pointers into openapi.yaml. */
  readonly pii: readonly string[];
}

export const contract: Contract = ${JSON.stringify(contract, null, 1)};
`;
}
