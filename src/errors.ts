/**
 * The closed list of errors a caller can meet: code, HTTP status and the one sentence that may leave the vault.
 * Codes below PV9000 are the drop-in API's; those from PV9000 on are ours. A message never contains a value.
 */
export const ERRORS = {
  PV1000: { status: 500, message: 'Something went wrong.' },
  PV1001: { status: 400, message: 'The access reason is missing.' },
  PV1002: { status: 400, message: 'The access reason is invalid.' },
  PV1003: { status: 405, message: 'The feature is disabled.' },
  PV1004: { status: 404, message: 'The collection is not found.' },
  PV1005: { status: 401, message: 'The request is unauthorized.' },
  PV1006: { status: 403, message: 'The operation is forbidden due to a policy violation.' },
  PV1007: { status: 403, message: 'The operation is forbidden due to missing capabilities.' },
  PV1008: { status: 400, message: 'The collection name is invalid.' },
  PV1009: { status: 503, message: 'The operation timed out on the server.' },
  PV1010: { status: 503, message: 'The database cannot be reached.' },
  PV1011: { status: 401, message: 'The user is disabled.' },
  PV1012: { status: 400, message: 'The request does not comply with the OpenAPI document.' },
  PV2001: { status: 501, message: 'This operation is not implemented.' },
  PV2003: { status: 404, message: 'One or more property fields is invalid.' },
  PV3002: { status: 400, message: 'A property value fails validation.' },
  PV3004: { status: 404, message: 'The property does not exist in the collection.' },
  PV3005: { status: 404, message: 'One or more Objects is not found' },
  PV3009: { status: 404, message: 'The token is not found.' },
  PV3087: { status: 404, message: 'One or more token IDs not found.' },
  PV3218: { status: 409, message: 'The object was changed by another request at the same time.' },
  PV3233: { status: 400, message: 'The encrypted object is archived.' },

  PV9001: { status: 409, message: 'A unique property already has this value.' },
  PV9002: { status: 400, message: 'A property that is not nullable has no value.' },
  PV9003: { status: 409, message: 'The name is already taken.' },
  PV9004: { status: 400, message: 'The definition is invalid.' },
  PV9005: { status: 400, message: 'The cursor does not belong to this request.' },
  PV9006: { status: 400, message: 'The combination of parameters is not allowed.' },
  PV9007: { status: 400, message: 'Too many items in one request.' },
  PV9008: { status: 400, message: 'The search would scan too many objects; index the property.' },
  PV9009: { status: 403, message: 'The resource belongs to another tenant.' },
  PV9010: { status: 410, message: 'The stored data does not pass its integrity check.' },
  PV9011: { status: 400, message: 'The IAM configuration is invalid.' },
  PV9012: { status: 404, message: 'The user is not found.' },
  PV9013: { status: 404, message: 'The data type is not found.' },
  PV9014: { status: 413, message: 'The request body is too large.' },
  PV9015: { status: 415, message: 'The content type is not supported.' },
  PV9016: { status: 429, message: 'Too many requests.' },
  PV9017: { status: 503, message: 'The access could not be recorded.' },
  PV9018: { status: 503, message: 'The server is overloaded or shutting down.' },
  PV9019: { status: 422, message: 'The Idempotency-Key was used with another request.' },
  PV9020: { status: 404, message: 'There is no such path.' },
  PV9021: { status: 405, message: 'The path does not support this method.' },
  PV9022: { status: 409, message: 'The object already exists.' },
  PV9023: { status: 400, message: 'The API key does not meet the requirements.' },
  PV9024: { status: 403, message: 'The Admin user cannot be changed this way.' },
  PV9080: { status: 404, message: 'The log has no such entry or checkpoint.' },
  PV9081: { status: 410, message: 'The entries of the access log were pruned.' },
  PV9047: { status: 400, message: 'The ciphertext cannot be decrypted.' },
  PV9048: { status: 400, message: 'The encrypted object is not archived.' },

  PV9035: { status: 400, message: 'The owner is not one that the object can have.' },
  PV9036: { status: 400, message: 'The property has no substring index.' },
  PV9067: { status: 404, message: 'The configuration variable is not found.' },
  PV9063: { status: 503, message: 'The users, roles and keys do not pass their integrity check.' },
  PV9064: { status: 503, message: 'The keys of an identity provider cannot be fetched.' },
  PV9065: { status: 403, message: 'The caller is restricted to other objects or tenants.' },
  PV9066: { status: 403, message: 'The role may not be used on behalf of the given subject.' },
  PV9030: { status: 409, message: 'Another item of the request failed, so nothing was done.' },
  PV9031: { status: 400, message: 'The object is named twice in the request.' },
  PV9032: { status: 400, message: 'An exported value does not open under the export key.' },
  PV9033: { status: 400, message: 'The export key cannot be opened by this vault.' },
  PV9040: { status: 409, message: 'The token id is already taken.' },
  PV9041: { status: 409, message: 'The values have a token with another id.' },
  PV9042: { status: 400, message: 'The token id is not the one that is computed from the values.' },
  PV9043: { status: 400, message: 'Tokens of this type do not allow it.' },
  PV9044: { status: 409, message: 'A tag that is to be unique belongs to another token of the tenant.' },
  PV9045: { status: 409, message: 'The transaction id was used before.' },
  PV9046: { status: 404, message: 'The transaction is not found.' },
  PV9052: { status: 400, message: 'A bundle function failed.' },
  PV9053: { status: 400, message: 'A bundle function took too long.' },
  PV9054: { status: 404, message: 'The bundle is not found.' },
  PV9055: { status: 404, message: 'The action is not found.' },
  PV9056: { status: 400, message: 'The code of the bundle is invalid.' },
  PV9057: { status: 409, message: 'The resource is in use.' },
  PV9058: { status: 404, message: 'No bundle exports this function.' },
  PV9059: { status: 400, message: 'The global identifier is invalid.' },
  PV9060: { status: 403, message: 'The destination is not allowed.' },
  PV9061: { status: 503, message: 'The destination gave no usable answer.' },
  PV9062: { status: 400, message: 'The template is invalid.' },

  PV9086: { status: 404, message: 'The identity provider or its event is not known.' },
  PV9087: { status: 400, message: 'The event is not one that the identity provider sends.' },
  PV9088: { status: 403, message: 'The key does not speak for this provider, issuer and tenant.' },
  PV9089: { status: 429, message: 'Too many persons were erased within an hour.' },
  PV9100: { status: 503, message: 'The identity provider would not have waited for the answer.' },
  PV9101: { status: 400, message: 'The event is too old, or from the future.' },
  PV9102: { status: 400, message: 'There is nothing that the token could be exchanged for.' },
  PV9103: { status: 400, message: 'The token to exchange is refused.' },
  PV9104: { status: 400, message: 'The token exchange asks for something that there is not.' },
  PV9110: { status: 409, message: 'The person owns more objects than an event may move.' },
  PV9111: { status: 404, message: 'There is no such hook, or it has no write_back.' },
  PV9112: { status: 404, message: 'The hook has no credential.' },
  PV9113: { status: 503, message: 'The identity provider did not do what the vault asked.' },
  PV9114: { status: 404, message: 'There is no such user of a hook whose provider signs its calls.' },
  PV9115: { status: 404, message: 'The user of the hook has no signing secret.' },
  PV9116: { status: 404, message: 'The vault has no way to change users at this identity provider.' },
  PV9117: { status: 404, message: 'There is no such hook, or it names no password service.' },
  PV9118: { status: 404, message: 'The hook has no secret for its password service.' },
  PV9119: { status: 503, message: 'The password service said neither yes nor no.' },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** What one error adds to its code: names and ids for the caller, never a value. */
export type ErrorContext = Readonly<Record<string, string>>;

/** A problem told to whoever runs the vault, at the terminal: one line that says what to do. No caller ever sees it. */
export class OperatorError extends Error {}

/**
 * A refusal or failure with its place in the closed list. `context` goes to the caller; `detail` is for the
 * operator's log only and must be free of values too.
 */
export class VaultError extends Error {
  readonly code: ErrorCode;
  readonly context: ErrorContext;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, context: ErrorContext = {}, detail?: string, options?: ErrorOptions) {
    super(messageOf(code, context), options);
    this.name = 'VaultError';
    this.code = code;
    this.context = context;
    this.detail = detail;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** PV3005's text names the ids because an existing client compares the whole sentence. */
function messageOf(code: ErrorCode, context: ErrorContext): string {
  if (code === 'PV3005')
    return `${ERRORS.PV3005.message}: ${context.ids ?? ''}. For more details, view the logs.`;
  return ERRORS[code].message;
}
