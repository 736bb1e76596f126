import { randomUUID } from 'node:crypto';
import { VaultError } from '../../errors.js';
import type { Statement } from '../../store/database.js';
import { findByValue } from '../../store/tokens/find-reusable.js';
import {
  type IdClaim,
  type ValueExpectation,
  guardIds,
  guardValues,
} from '../../store/tokens/guard-tokens.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { cardOf, computedId } from './computed-id.js';
import { freeCardIds } from './free-card-ids.js';
import { type OpenToken, openToken } from './open-token.js';
import { type Texts, tokenValuesOf, valueHashOf } from './token-identity.js';
import { TOKEN_TYPES } from './token-types.js';
import type { TokenizeRequest } from './tokenize-request.js';

/** The id of one item's token. */
export interface ChosenId {
  readonly id: string;
  readonly hash: Buffer;
  readonly valueHash: Buffer | null;
}

/** The ids of all items, what must still hold when they are written, and what others are to wait for meanwhile. */
export interface ChosenIds {
  readonly ids: readonly ChosenId[];
  readonly guards: readonly Statement[];
  readonly locks: readonly Buffer[];
}

export interface ItemToName {
  readonly request: TokenizeRequest;
  readonly texts: Texts;
}

/**
 * Decides each token's id: what equal values have already, what is computed from them, what the caller wants, or a random one. Equal values
 * within the request get one id too. Throws PV9041 and PV9042 where the caller wants another id than it must be, PV9040 for one id
 * wanted for two things, PV9006 where there are no values to tell tokens by.
 */
export async function chooseTokenIds(
  vault: Vault,
  collection: KnownCollection,
  items: readonly ItemToName[],
): Promise<ChosenIds> {
  const identified = items.map((item, i) => identify(vault, collection, item, i));
  const known = await findKnown(vault, collection, identified);
  const formed = await formIds(vault, collection, identified, known);

  const idOfValue = new Map([...known].map(([value, { meta }]) => [value, meta.tokenId]));
  const valueOfId = new Map<string, string>();
  const wanted: IdClaim[] = [];
  const drawn: IdClaim[] = [];
  const ids = identified.map(({ request, valueHash, value, computed }, i): ChosenId => {
    const { tokenId, at } = request;
    const fixed = computed ?? idOfValue.get(value);
    if (fixed !== undefined && tokenId !== null && tokenId !== fixed)
      throw new VaultError(computed === null ? 'PV9041' : 'PV9042', { field: at('token_id') });

    const id = fixed ?? tokenId ?? formed.get(i) ?? randomUUID();
    if ((valueOfId.get(id) ?? value) !== value) throw new VaultError('PV9040', { field: at('token_id') });
    valueOfId.set(id, value);
    idOfValue.set(value, id);

    const hash = vault.keyring.lookup.tokenHash(collection.id, id);
    const fromElsewhere = known.has(value) && known.get(value)!.stored.collection !== collection.id;
    if (computed !== null || tokenId !== null || fromElsewhere) wanted.push({ hash, value: valueHash });
    else if (formed.get(i) === id) drawn.push({ hash, value: valueHash });
    return { id, hash, valueHash };
  });

  const expected = expectationsOf(identified, known);
  return {
    ids,
    guards: [
      ...(expected.length > 0 ? [guardValues(expected)] : []),
      ...(wanted.length > 0 ? [guardIds(collection.id, wanted, 'PV9040')] : []),
      // Where an id that we drew was taken meanwhile, the request is made again and draws another.
      ...(drawn.length > 0 ? [guardIds(collection.id, drawn, 'PV3218')] : []),
    ],
    locks: [...expected.map(({ value }) => value), ...[...wanted, ...drawn].map(({ hash }) => hash)],
  };
}

interface Identified extends ItemToName {
  readonly valueHash: Buffer | null;
  /** Equal for items that stand for the same thing; one of its own where the id is new each time. */
  readonly value: string;
  readonly computed: string | null;
  /** The card number whose ends the id is to keep. */
  readonly card: string | null;
}

function identify(
  vault: Vault,
  collection: KnownCollection,
  { request, texts }: ItemToName,
  index: number,
): Identified {
  const values = tokenValuesOf(collection, request.scope, texts);
  const valueHash = valueHashOf(vault, request.type, values);
  if (valueHash && texts.size === 0)
    throw new VaultError('PV9006', { field: request.at('object'), reason: 'there is nothing to tokenize' });
  const card = cardOf(collection, request, texts);
  return {
    request,
    texts,
    valueHash,
    card,
    // A form makes another id of the same values where it is computed.
    value: valueHash ? `${valueHash.toString('hex')} ${isComputed(request) ? card : ''}` : `item ${index}`,
    computed: isComputed(request) ? computedId(vault, values, card) : null,
  };
}

function isComputed({ type }: TokenizeRequest): boolean {
  return TOKEN_TYPES[type].id === 'computed';
}

/** One token for each value that has any, by the value. */
async function findKnown(
  vault: Vault,
  collection: KnownCollection,
  items: readonly Identified[],
): Promise<Map<string, OpenToken>> {
  const reused = items.filter(({ request }) => TOKEN_TYPES[request.type].id === 'reused');
  const valueOf = new Map(reused.map(({ valueHash, value }) => [valueHash!.toString('hex'), value]));
  const hashes = [...valueOf.keys()].map((hex) => Buffer.from(hex, 'hex'));
  const known = new Map<string, OpenToken>();
  for (const stored of await findByValue(vault.database, collection.id, hashes)) {
    known.set(valueOf.get(stored.valueHash!.toString('hex'))!, await openToken(vault, stored));
  }
  return known;
}

/** Drawn ids for the items that want a form and have no id yet, by their position. */
async function formIds(
  vault: Vault,
  collection: KnownCollection,
  items: readonly Identified[],
  known: ReadonlyMap<string, unknown>,
): Promise<Map<number, string>> {
  const first = new Map(items.map(({ value }, i) => [value, i] as const).reverse());
  const drawing = items.flatMap(({ card, computed, value }, i) =>
    card !== null && computed === null && !known.has(value) && first.get(value) === i ? [{ i, card }] : [],
  );
  if (drawing.length === 0) return new Map();
  const ids = await freeCardIds(
    vault,
    collection,
    drawing.map(({ card }) => card),
  );
  return new Map(drawing.map(({ i }, k) => [i, ids[k]!]));
}

/** What was found out about each value that ids are reused for. */
function expectationsOf(
  items: readonly Identified[],
  known: ReadonlyMap<string, OpenToken>,
): ValueExpectation[] {
  const expected = new Map<string, ValueExpectation>();
  for (const { request, valueHash, value } of items) {
    if (TOKEN_TYPES[request.type].id !== 'reused') continue;
    const token = known.get(value)?.stored;
    expected.set(value, { value: valueHash!, token: token ? { id: token.id, hash: token.hash } : null });
  }
  return [...expected.values()];
}
