import { openTokenField } from '../../crypto/index.js';
import type { JsonValue } from '../../data-types/data-type.js';
import type { Reveal } from '../../policy/decide.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { openFieldValue } from '../objects/open-object.js';
import { type RevealedFields, revealWith } from '../objects/reveal.js';
import { type OpenToken, placeOfToken } from './open-token.js';
import { namesOfProperties } from './token-properties.js';

/**
 * Opens and transforms what was allowed of one token: a pointer's values come from the object as it is now, a snapshot's from the
 * token. Properties that the token does not stand for are left out. Call it after the access was recorded.
 */
export function revealToken(
  token: OpenToken,
  collection: KnownCollection,
  reveals: readonly Reveal[],
  call: Call,
): RevealedFields {
  const within = new Set(namesOfProperties(collection, token.meta.props));
  const allowed = reveals.filter(({ property }) => within.has(property));
  return revealWith(allowed, collection, call.startedAt, (name) => {
    // A transformation may ask for other properties: it gets those the token stands for.
    if (!within.has(name)) return null;
    if (name === 'id') return token.stored.objectId;
    const { id } = collection.own.get(name)!;
    return token.row.snapshot ? snapshotValue(token, id) : openFieldValue(token.object!, id);
  });
}

function snapshotValue(token: OpenToken, property: number): JsonValue | null {
  const field = token.row.snapshot!.find((packed) => packed.property === property);
  return field ? (JSON.parse(openTokenField(token.key, placeOfToken(token.row), field)) as JsonValue) : null;
}
