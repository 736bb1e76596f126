import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { KnownCollection } from '../collection-named.js';
import type { Call } from '../call.js';
import { type EncryptedInputs, openEncryptedInputs } from '../crypto/encrypted-inputs.js';
import { givenProperties } from '../objects/prepare-object.js';
import type { Vault } from '../vault.js';
import { type At, type Input, readInput } from './read-input.js';
import { readProperties } from './read-properties.js';
import { readTags } from './read-tags.js';
import { readTemplate } from './read-template.js';
import { DEFAULT_SCOPE } from './token-identity.js';
import type { TokenType } from './token-types.js';

/** One item of a tokenize request, read and checked as far as it can be without looking anything up. */
export interface TokenizeRequest {
  readonly type: TokenType;
  readonly input: Input;
  /** Names of the properties the token stands for. */
  readonly properties: readonly string[];
  /** Names of the properties that are stored as a new object. */
  readonly stored: readonly string[];
  readonly scope: string;
  readonly tags: readonly string[];
  /** Those of the tags that no other token of the tenant may have. */
  readonly uniqueTags: readonly string[];
  /** The id the caller wants; null: any. */
  readonly tokenId: string | null;
  /** The card number whose ends a new id keeps; null: no such form. */
  readonly template: string | null;
  readonly at: At;
}

type WireRequest = components['schemas']['TokenizeRequest'];

/** Reads all items of a request and opens what they bring encrypted. Throws what {@link readTokenizeRequest} and {@link openEncryptedInputs} throw, the context naming the item. */
export async function readTokenizeRequests(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  items: readonly WireRequest[],
): Promise<TokenizeRequest[]> {
  if (items.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'body' });
  const given = items.map((item, i) => ({ item, field: `body[${i}]` }));
  const encrypted = await openEncryptedInputs(call, vault, collection, 'tokenize', given);
  const requests: TokenizeRequest[] = [];
  for (const item of items) {
    const earlier = requests.map(({ input }) => input);
    requests.push(readTokenizeRequest(vault, collection, item, earlier, encrypted));
  }
  return requests;
}

/**
 * Reads one item. Throws PV2003 for an unknown property in `props`, PV9006 for members that do not go together, PV9007 for too many tags,
 * and what reading the fields throws.
 */
function readTokenizeRequest(
  vault: Vault,
  collection: KnownCollection,
  item: WireRequest,
  earlier: readonly Input[],
  encrypted: EncryptedInputs,
): TokenizeRequest {
  const at: At = (member) => `body[${earlier.length}].${member}`;
  const { tags, uniqueTags } = readTags(vault, item, at);
  const input = readInput(vault, collection, item.object, {
    at,
    encrypted,
    store: item.store_object ?? false,
    earlier,
  });
  if (item.type === 'pointer' && input.kind === 'fields' && !input.store) {
    throw new VaultError('PV9006', { field: at('object'), reason: 'a pointer needs an object to point to' });
  }
  const properties = readProperties(collection, item.props, input, at);
  const template = readTemplate(collection, item, properties, at);
  if (template !== null && item.token_id !== undefined)
    throw new VaultError('PV9006', { field: at('token_id'), reason: 'not together with fptemplate' });
  return {
    type: item.type,
    input,
    properties,
    stored: input.kind === 'fields' && input.store ? givenProperties(input.read) : [],
    scope: item.scope || DEFAULT_SCOPE,
    tags: tags ?? [],
    uniqueTags,
    tokenId: item.token_id ?? null,
    template,
    at,
  };
}
