import { VaultError } from '../../errors.js';

const OPERATIONS = ['read_object', 'detokenize', 'decrypt_object'] as const;

/** A value of the vault by its one name for all operations: `pvlt:<op>:<collection>:<props>:<id or ciphertext>:<scope>`. */
export interface GlobalId {
  readonly operation: (typeof OPERATIONS)[number];
  readonly collection: string;
  /** Empty: everything. */
  readonly props: readonly string[];
  readonly id: string;
  /** Of a ciphertext; empty: the default one. */
  readonly scope: string;
}

/** Reads a global identifier. Throws PV9059, which does not repeat it. Source: api.md 7.4. */
export function readGlobalId(text: unknown): GlobalId {
  const refuse = (): never => {
    throw new VaultError('PV9059');
  };
  if (typeof text !== 'string') return refuse();
  const [scheme, word, collection = '', props = '', id = '', scope, ...rest] = text.split(':');
  const operation = OPERATIONS.find((each) => each === word);
  if (scheme !== 'pvlt' || !operation || scope === undefined || rest.length > 0) return refuse();
  if (collection === '' || id === '') return refuse();
  return { operation, collection, props: props === '' ? [] : props.split(','), id, scope };
}
