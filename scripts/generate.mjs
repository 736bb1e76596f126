#!/usr/bin/env node
/**
 * Generates what is never written by hand:
 *
 *   committed      openapi.yaml                the contract in one file, from openapi/
 *                  docs/ERRORS.md              what each operation can refuse
 *   not committed  src/generated/api.ts        its types
 *                  src/generated/contract.json its schemas in a form Ajv 2020 compiles
 *                  src/generated/contract.ts   the same as a typed module
 *                  src/generated/prisma/       the database client, from prisma/schema.prisma
 *
 * `--check` writes nothing and fails if a committed file is not what would be written. Needs no network.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, createConfig } from '@redocly/openapi-core';
import openapiTS, { astToString } from 'openapi-typescript';
import { stringify } from 'yaml';
import { errorsOf, errorsPage } from './contract-errors.mjs';
import { readmeWithSettings } from './settings-table.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCE = join(ROOT, 'openapi', 'openapi.yaml');
const GENERATED = join(ROOT, 'src', 'generated');
const DEFAULT_MAX_BODY = 262_144;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Files under version control that are generated: a path and what it must hold. One line each. */
const COMMITTED = [
  { path: 'openapi.yaml', content: bundledYaml },
  { path: 'README.md', content: readmeWithSettings },
  { path: 'docs/ERRORS.md', content: (document) => errorsPage(operationsOf(document), document) },
];

/** Files that every checkout makes for itself. */
const UNCOMMITTED = [
  { path: 'src/generated/api.ts', content: apiTypes },
  { path: 'src/generated/contract.json', content: contractJson },
  { path: 'src/generated/contract.ts', content: contractModule },
];

await main(process.argv.slice(2));

async function main(args) {
  const unknown = args.filter((arg) => arg !== '--check');
  if (unknown.length > 0) fail(`unknown argument: ${unknown.join(' ')}`);
  if (args.includes('--check')) return check(await loadContract());

  mkdirSync(GENERATED, { recursive: true });
  await Promise.all([generatePrismaClient(), loadContract().then(writeAll)]);
}

async function check(document) {
  const stale = [];
  for (const file of COMMITTED) {
    if (read(file.path) !== (await file.content(document))) stale.push(file.path);
  }
  if (stale.length > 0) fail(`not up to date: ${stale.join(', ')}. Run: node scripts/generate.mjs`);
}

async function writeAll(document) {
  for (const file of [...COMMITTED, ...UNCOMMITTED]) write(file.path, await file.content(document));
}

// --- the contract ---

/** All parts of openapi/ in one document, with references into its own components only. */
async function loadContract() {
  const config = await createConfig({});
  const { bundle: result, problems } = await bundle({ ref: SOURCE, config });
  if (problems.length > 0) fail(problems.map(describeProblem).join('\n'));
  return sortComponents(structuredClone(result.parsed));
}

function describeProblem(problem) {
  const [place] = problem.location;
  const file = place ? relative(ROOT, place.source.absoluteRef) : 'openapi';
  return `${file}${place?.pointer ?? ''}: ${problem.message}`;
}

/** The bundler adds components in the order it meets them; by name, a change in one path moves nothing else. */
function sortComponents(document) {
  for (const [kind, entries] of Object.entries(document.components)) {
    document.components[kind] = Object.fromEntries(
      Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  return document;
}

function bundledYaml(document) {
  const header = '# generated from openapi/ by scripts/generate.mjs, do not edit\n';
  return header + stringify(document, { lineWidth: 110, aliasDuplicateObjects: false });
}

async function apiTypes(document) {
  const nodes = await openapiTS(structuredClone(document), { defaultNonNullable: false });
  return `// generated from openapi/ by scripts/generate.mjs, do not edit\n${astToString(nodes)}`;
}

function contractJson(document) {
  return `${JSON.stringify(contractOf(document), null, 1)}\n`;
}

function contractModule(document) {
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

// --- the contract as data for the server ---

function contractOf(document) {
  const schemas = Object.entries(document.components.schemas);
  return {
    definitions: {
      $id: 'contract',
      $defs: Object.fromEntries(schemas.map(([name, schema]) => [name, plainSchema(schema)])),
    },
    operations: Object.fromEntries(
      operationsOf(document).map((operation) => [operation.operationId, operation]),
    ),
    errorCodes: document['x-error-codes'],
    pii: piiPointers(document),
  };
}

function operationsOf(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => operationOf(document, path, method)),
  );
}

function operationOf(document, path, method) {
  const item = document.paths[path];
  const operation = item[method];
  const auth = authOf(operation.security ?? document.security);
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((parameter) =>
    resolve(document, parameter),
  );
  const described = {
    operationId: operation.operationId,
    method: method.toUpperCase(),
    path,
    tag: operation.tags[0],
    planned: operation['x-status'] === 'planned',
    public: auth !== 'required',
    auth,
    creates: operation['x-creates'] === true,
    xMaxBody: operation['x-max-body'] ?? DEFAULT_MAX_BODY,
    xMaxBodyLargeValues: operation['x-max-body-large-values'] ?? operation['x-max-body'] ?? DEFAULT_MAX_BODY,
    capabilities: operation['x-capabilities'] ?? [],
    capabilitiesMatch: operation['x-capabilities-match'] ?? 'any',
    parameters: {
      path: parametersSchema(parameters, 'path'),
      query: parametersSchema(parameters, 'query'),
      header: parametersSchema(parameters, 'header'),
    },
    requestBody: requestBodyOf(resolve(document, operation.requestBody)),
    response: contentOf(resolve(document, operation.responses['200']).content),
  };
  return { ...described, errors: errorsOf({ ...described, errors: operation['x-errors'] }, document) };
}

/** An empty requirement in the list means that a call without a key is fine, too. */
function authOf(security) {
  if (security.length === 0) return 'none';
  return security.some((requirement) => Object.keys(requirement).length === 0) ? 'optional' : 'required';
}

function parametersSchema(parameters, place) {
  const here = parameters.filter((parameter) => parameter.in === place);
  const nameOf = ({ name }) => (place === 'header' ? name.toLowerCase() : name);
  return {
    type: 'object',
    properties: Object.fromEntries(
      here.map((parameter) => [nameOf(parameter), plainSchema(parameter.schema)]),
    ),
    required: here.filter((parameter) => parameter.required).map(nameOf),
    additionalProperties: place === 'header',
  };
}

function requestBodyOf(body) {
  return body ? { required: body.required === true, content: contentOf(body.content) } : null;
}

function contentOf(content) {
  if (!content) return null;
  return Object.fromEntries(
    Object.entries(content).map(([type, media]) => [type, plainSchema(media.schema)]),
  );
}

function resolve(document, value) {
  if (!value?.$ref) return value;
  const keys = value.$ref.slice(2).split('/').map(unescapePointer);
  return resolve(
    document,
    keys.reduce((node, key) => node[key], document),
  );
}

/** A schema with what validates and nothing else. */
function plainSchema(schema) {
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword]) => !isAnnotation(keyword))
      .map(([keyword, value]) => [keyword, plainKeyword(keyword, value)]),
  );
}

function isAnnotation(keyword) {
  const annotations = ['title', 'description', 'example', 'examples', 'deprecated', 'readOnly', 'writeOnly'];
  return keyword.startsWith('x-') || keyword.startsWith('content') || annotations.includes(keyword);
}

function plainKeyword(keyword, value) {
  if (keyword === '$ref') return value.replace('#/components/schemas/', 'contract#/$defs/');
  if (['properties', 'patternProperties'].includes(keyword)) {
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, plainSchema(schema)]));
  }
  if (['oneOf', 'anyOf', 'allOf', 'prefixItems'].includes(keyword)) return value.map(plainSchema);
  if (['items', 'additionalProperties', 'not'].includes(keyword)) return plainSchema(value);
  return value;
}

function piiPointers(node, pointer = '#') {
  if (typeof node !== 'object' || node === null) return [];
  const below = Object.entries(node).flatMap(([key, value]) =>
    piiPointers(value, `${pointer}/${escapePointer(key)}`),
  );
  return node['x-pii'] === true ? [pointer, ...below] : below;
}

function escapePointer(key) {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescapePointer(key) {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}

// --- the database client ---

/**
 * Prisma insists on an engine it would download, and then does not use it to generate: any program that exists will do.
 */
async function generatePrismaClient() {
  const cli = join(ROOT, 'node_modules', 'prisma', 'build', 'index.js');
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  };
  const child = spawn(process.execPath, [cli, 'generate', '--no-hints'], { cwd: ROOT, env });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise((done, broken) => child.on('error', broken).on('close', done));
  if (code !== 0) fail(`prisma generate failed\n${output}`);
}

// --- files ---

function read(path) {
  const file = join(ROOT, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Leaves a file alone that is right already, so that its time stays. */
function write(path, content) {
  if (read(path) !== content) writeFileSync(join(ROOT, path), content);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
