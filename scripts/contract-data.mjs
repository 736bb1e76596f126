import { errorsOf } from './contract-errors.mjs';

const DEFAULT_MAX_BODY = 262_144;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** The contract as data for the server: its operations, and its schemas in a form that Ajv 2020 compiles. */
export function contractOf(document) {
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

/** Every operation of the contract, in its order. */
export function operationsOf(document) {
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
