import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type JsonSchema, contract } from '../../src/generated/contract.js';
import { VaultError } from '../../src/errors.js';
import { type Match, findRoute } from '../../src/http/router.js';
import { observe } from './observed-errors.js';
import type { Answer } from './vault.js';

// Whether the schemas are sound is shown once, in test/contract.
const ajv = new Ajv2020({ strict: true, allErrors: true, meta: false, validateSchema: false });
addFormats.default(ajv);
ajv.addSchema(contract.definitions);
const COMPILED = new Map<JsonSchema, ValidateFunction>();
const HTTP_ERROR: JsonSchema = { $ref: 'contract#/$defs/HTTPError' };
/** The operation whose errors are also those of RFC 6749. */
const OF_OAUTH = 'exchangeSubjectToken';
const OAUTH_ERROR: JsonSchema = { $ref: 'contract#/$defs/OAuthError' };

/** What chance may answer to any operation, whatever it lists: another request was faster, or a test damages what others read. */
const BY_CHANCE: ReadonlySet<string> = new Set(['PV3218', 'PV9010']);

let onlyDeclared = true;

/**
 * For a test file that sends what chance makes: which errors it meets differs from run to run, so they are held neither against what an
 * operation declares nor for met.
 */
export function allowAnyError(): void {
  onlyDeclared = false;
}

/**
 * Throws unless an answer is what the contract promises for the request: no field that is not declared, none missing, the content type
 * and the error code's status. Generated clients refuse what does not fit.
 */
export function checkAnswer(method: string, url: string, answer: Answer): void {
  const { pathname } = new URL(url);
  if (!pathname.startsWith('/api/') || method === 'OPTIONS') return;
  const flaw =
    answer.status < 300 ? flawOfSuccess(method, pathname, answer) : flawOfError(method, pathname, answer);
  if (flaw) throw new Error(`${method} ${pathname} answered ${answer.status} against the contract: ${flaw}`);
}

function flawOfSuccess(method: string, pathname: string, answer: Answer): string | null {
  const route = routeOf(method, pathname);
  if (!route?.operation) return 'there is no such operation';
  const { response } = route.operation;
  const type = answer.headers.get('content-type');
  if (answer.status === 204) {
    if (!mayBeEmpty(route.operation.operationId)) return 'it never answers 204';
    return answer.text === '' && type === null ? null : 'the body must be empty and without a content type';
  }
  if (response === null) {
    return answer.text === '' && type === null ? null : 'the body must be empty and without a content type';
  }
  const schema = type === null ? undefined : response[type.split(';')[0]!];
  if (!schema) return `content type ${type}`;
  return misfit(schema, answer.body === undefined ? answer.text : answer.body);
}

/** The one operation that answers 204. */
function mayBeEmpty(operationId: string): boolean {
  return operationId === 'receiveIdpEvent';
}

function flawOfError(method: string, pathname: string, { status, body }: Answer): string | null {
  const known = routeOf(method, pathname)?.operation;
  const flaw = misfit(known?.operationId === OF_OAUTH ? OAUTH_ERROR : HTTP_ERROR, body);
  if (flaw) return flaw;
  const { error_code: code, message, error_url: page } = body as Record<string, string>;
  const operation = routeOf(method, pathname)?.operation;
  if (operation && onlyDeclared) {
    observe(operation.operationId, code!);
    const mayAnswer = status >= 500 || BY_CHANCE.has(code!) || operation.errors.includes(code!);
    if (!mayAnswer) return `${operation.operationId} does not declare ${code} in its x-errors`;
  }
  const declared = contract.errorCodes[code!];
  if (!declared) return `${code} is not declared`;
  if (declared.status !== status) return `${code} has status ${declared.status}`;
  if (!message!.startsWith(declared.message.replace(/[.:].*$/, ''))) return `the message of ${code}`;
  const expected = code! >= 'PV9000' ? undefined : `https://docs.piiano.com/api/error-codes#${code}`;
  return page === expected ? null : 'error_url';
}

function routeOf(method: string, pathname: string): Match {
  try {
    return findRoute(method, pathname);
  } catch (error) {
    if (error instanceof VaultError) return null;
    throw error;
  }
}

function misfit(schema: JsonSchema, value: unknown): string | null {
  const validate = COMPILED.get(schema) ?? ajv.compile(schema);
  COMPILED.set(schema, validate);
  return validate(value) ? null : ajv.errorsText(validate.errors);
}
