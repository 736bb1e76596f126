import { VaultError } from '../../errors.js';
import type { Call, Principal } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import { decrypt as decryption } from '../crypto/decrypt.js';
import { getObjectById } from '../objects/get-object-by-id.js';
import { perform } from '../perform.js';
import { detokenize } from '../tokens/detokenize.js';
import type { Vault } from '../vault.js';
import { callAs } from './call-as.js';
import { type GlobalId, readGlobalId } from './global-id.js';

/** What a global identifier stands for, and whether card data is among it. */
export interface Dereferenced {
  readonly value: unknown;
  readonly card: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads what a global identifier stands for in a role: as the operation it names would, with its policies, masks and entries in the access log, which are
 * durable before this returns. One property is its value, several or none an object of them. Throws PV9059 and whatever the operation throws.
 */
export async function dereference(
  outer: Call,
  vault: Vault,
  principal: Principal,
  text: unknown,
): Promise<Dereferenced> {
  const id = readGlobalId(text);
  const fields = await read(outer, vault, principal, id);
  const [only, ...others] = id.props;
  const value = only !== undefined && others.length === 0 ? (fields[only] ?? null) : fields;
  return { value, card: holdsCardData(outer, id.collection, Object.keys(fields)) };
}

/** Whether one of these is of a card's type, through whatever transformation. */
export function holdsCardData(call: Call, collection: string, names: Iterable<string>): boolean {
  const { own } = collectionNamed(call.metadata, collection);
  return [...names].some((name) => own.get(name.split('.', 1)[0]!)?.baseTypeName.startsWith('CC_') ?? false);
}

async function read(outer: Call, vault: Vault, principal: Principal, wanted: GlobalId): Promise<Fields> {
  const { collection, id, scope } = wanted;
  const props = [...wanted.props];
  switch (wanted.operation) {
    case 'read_object': {
      const query = props.length > 0 ? { props } : { options: ['unsafe' as const] };
      const path = { collection, id };
      const call = callAs<'getObjectById'>(outer, vault, principal, {
        operation: 'getObjectById',
        path,
        query,
        body: undefined as never,
      });
      return (await perform(getObjectById, call, vault)) as Fields;
    }
    case 'detokenize': {
      const call = callAs<'detokenize'>(outer, vault, principal, {
        operation: 'detokenize',
        path: { collection },
        query: { token_ids: [id], ...(props.length > 0 && { props }) },
        body: undefined as never,
      });
      const [token] = (await perform(detokenize, call, vault)) as { fields: Fields }[];
      if (!token) throw new VaultError('PV3087');
      return token.fields;
    }
    case 'decrypt_object': {
      const encrypted = { ciphertext: id, ...(scope !== '' && { scope }) };
      const body = [{ encrypted_object: encrypted, ...(props.length > 0 && { props }) }];
      const [object] = await decrypt(outer, vault, principal, collection, body, []);
      return object!.fields as Fields;
    }
  }
}

/** Opens ciphertexts in a role. Throws what the operation throws. */
export async function decrypt(
  outer: Call,
  vault: Vault,
  principal: Principal,
  collection: string,
  body: Call<'decrypt'>['body'],
  options: readonly string[],
): Promise<{ fields: unknown }[]> {
  const call = callAs<'decrypt'>(outer, vault, principal, {
    operation: 'decrypt',
    path: { collection },
    query: (options.length > 0 ? { options: [...options] } : {}) as Call<'decrypt'>['query'],
    body,
  });
  return (await perform(decryption, call, vault)) as { fields: unknown }[];
}
