import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { type At, type Input, readInput } from '../tokens/read-input.js';
import { readProperties } from '../tokens/read-properties.js';
import { readTemplate } from '../tokens/read-template.js';
import { DEFAULT_SCOPE } from '../tokens/token-identity.js';
import type { Vault } from '../vault.js';
import { openEncryptedInputs } from './encrypted-inputs.js';

/** One item of a hash request, read and checked as far as it can be without looking anything up. */
export interface HashRequest {
  readonly input: Input;
  readonly properties: readonly string[];
  readonly scope: string;
  /** The card number whose ends the id keeps; null: no such form. */
  readonly template: string | null;
  readonly at: At;
}

/** Reads all items and opens what they bring encrypted. Throws as reading a tokenize request does, the context naming the item. */
export async function readHashRequests(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  items: readonly components['schemas']['HashObjectRequest'][],
): Promise<HashRequest[]> {
  if (items.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'body' });
  const given = items.map((item, i) => ({ item, field: `body[${i}]` }));
  const encrypted = await openEncryptedInputs(call, vault, collection, 'hash', given);
  const requests: HashRequest[] = [];
  for (const item of items) {
    const at: At = (member) => `body[${requests.length}].${member}`;
    const earlier = requests.map(({ input }) => input);
    const input = readInput(vault, collection, item.object, { at, encrypted, earlier });
    const properties = readProperties(collection, item.props, input, at);
    const template = readTemplate(collection, item, properties, at);
    requests.push({ input, properties, scope: item.scope || DEFAULT_SCOPE, template, at });
  }
  return requests;
}
