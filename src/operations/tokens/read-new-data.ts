import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { openEncryptedInputs } from '../crypto/encrypted-inputs.js';
import type { Vault } from '../vault.js';
import { type Input, readInput } from './read-input.js';
import { readProperties } from './read-properties.js';

/** What tokens are to stand for from now on. */
export interface NewData {
  readonly input: Input;
  readonly properties: readonly string[];
}

/** Reads `object` and `props` of an update; null where it is about tags and expiry alone. Throws what {@link openEncryptedInputs} and {@link readInput} throw. */
export async function readNewData(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  body: components['schemas']['UpdateTokenRequest'],
): Promise<NewData | null> {
  const at = (member: string): string => `body.${member}`;
  if (!body.object) {
    if (!body.props?.length) return null;
    throw new VaultError('PV9006', { field: at('props'), reason: 'only with object' });
  }
  const given = [{ item: body, field: 'body' }];
  const encrypted = await openEncryptedInputs(call, vault, collection, 'tokenize', given);
  const input = readInput(vault, collection, body.object, { at, encrypted });
  return { input, properties: readProperties(collection, body.props, input, at) };
}
