import { VaultError } from '../../errors.js';
import type { Statement } from '../../store/database.js';
import { findByValue } from '../../store/tokens/find-reusable.js';
import { guardValues } from '../../store/tokens/guard-tokens.js';
import type { StoredToken } from '../../store/tokens/token-row.js';
import type { Call, Facts } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { permit } from '../permit.js';
import type { Vault } from '../vault.js';
import type { NewData } from './read-new-data.js';
import { guardSharedIds, recordsOfIds } from './records-of-ids.js';
import type { NewValues } from './rewrite-token.js';
import { tokenValuesOf, valueHashOf } from './token-identity.js';
import { idsOfProperties } from './token-properties.js';
import { loadSources, textsOf } from './token-sources.js';
import { TOKEN_TYPES, type TokenType, tellsEqualValues } from './token-types.js';
import { touchTokenized } from './touch-tokenized.js';

/** What becomes of a token id that gets other values. */
export interface NewValuesPlan {
  /** Everything that has the id: it cannot stand for one thing here and another there. */
  readonly records: readonly StoredToken[];
  readonly props: readonly number[];
  readonly values: NewValues;
  readonly guards: readonly Statement[];
}

/**
 * Decides what replacing the values of the selected tokens changes. Throws PV9006 unless they share one id, PV9043 for a type whose values stay
 * what they are, PV1006 where the id would tell what a mask hides, and PV9041 where the new values have another id already.
 */
export async function planNewValues(
  call: Call<'updateTokens'>,
  vault: Vault,
  collection: KnownCollection,
  selected: readonly StoredToken[],
  data: NewData,
  facts: Omit<Facts, 'outcome'>,
): Promise<NewValuesPlan> {
  const [first] = selected;
  if (!selected.every(({ hash }) => hash.equals(first!.hash)))
    throw new VaultError('PV9006', { field: 'body.object', reason: 'the tokens must share one id' });
  const type = first!.type as TokenType;
  if (!TOKEN_TYPES[type].changeable) throw new VaultError('PV9043', { field: 'body.object' });
  if (tellsEqualValues(type))
    await permit(call, collection, touchTokenized([{ ...data, type, template: null }]), facts);

  const records = await recordsOfIds(call, vault, collection, selected);
  const [source] = await loadSources(call, vault, collection, [data.input]);
  const texts = textsOf(collection, data.properties, source!);
  const valueHash = valueHashOf(vault, type, tokenValuesOf(collection, first!.scope, texts));
  if (valueHash && texts.size === 0)
    throw new VaultError('PV9006', { field: 'body.object', reason: 'there is nothing to tokenize' });

  const known = valueHash ? (await findByValue(vault.database, collection.id, [valueHash]))[0] : undefined;
  if (known && !(known.collection === collection.id && known.hash.equals(first!.hash)))
    throw new VaultError('PV9041', { field: 'body.object' });
  return {
    records,
    props: idsOfProperties(collection, data.properties),
    values: { texts, valueHash },
    guards: [
      ...guardSharedIds(collection, records, valueHash ? [valueHash] : []),
      ...(valueHash
        ? [guardValues([{ value: valueHash, token: known ? { id: known.id, hash: known.hash } : null }])]
        : []),
    ],
  };
}
