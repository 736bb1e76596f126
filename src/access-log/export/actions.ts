/** What an operation is to somebody who knows events and not our API. */
export type Action =
  | 'authenticate'
  | 'iam-read'
  | 'iam-change'
  | 'credential-change'
  | 'read'
  | 'list'
  | 'query'
  | 'create'
  | 'update'
  | 'delete'
  | 'encrypt'
  | 'decrypt'
  | 'other';

/** Operations whose name does not begin with the verb of what they are. */
const NAMED: Readonly<Record<string, Action>> = {
  authenticate: 'authenticate',
  detokenize: 'read',
  tokenize: 'create',
  getIamConf: 'iam-read',
  getUser: 'iam-read',
  setIamConf: 'iam-change',
  regenerateUserApiKey: 'credential-change',
  updateApiKeyExpiration: 'credential-change',
  setAdminApiKey: 'credential-change',
  decrypt: 'decrypt',
  decryptBlob: 'decrypt',
  encrypt: 'encrypt',
  encryptBlob: 'encrypt',
  updateEncrypted: 'encrypt',
  garbageCollection: 'delete',
};

const BY_VERB: readonly (readonly [RegExp, Action])[] = [
  [/^list/, 'list'],
  [/^(search|query|count)/, 'query'],
  [/^(get|export|replay)/, 'read'],
  [/^(add|import)/, 'create'],
  [/^(update|set|rotate|rename)/, 'update'],
  [/^(delete|erase|prune|clear)/, 'delete'],
];

/** What an operation of the log is, by its id. Ids are only ever added, so a name says what it is; one that does not is `other`. */
export function actionOf(operation: string): Action {
  const named = Object.hasOwn(NAMED, operation) ? NAMED[operation] : undefined;
  return named ?? BY_VERB.find(([verb]) => verb.test(operation))?.[1] ?? 'other';
}
