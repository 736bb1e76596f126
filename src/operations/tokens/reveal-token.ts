import { tokenFieldOpener } from '../../crypto/index.js';
import type { Reveal } from '../../policy/decide.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { openFieldText } from '../objects/open-object.js';
import { type RevealedFields, type TokenOf, revealWith } from '../objects/reveal.js';
import type { TextOf } from './find-token-of.js';
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
  tokenOf: TokenOf,
): RevealedFields {
  const within = new Set(namesOfProperties(collection, token.meta.props));
  const allowed = reveals.filter(({ property }) => within.has(property));
  const textOf = valuesOf(token);
  return revealWith(allowed, collection, call.startedAt, tokenOf, (name) => {
    // A transformation may ask for other properties: it gets those the token stands for.
    if (!within.has(name)) return null;
    if (name === 'id') return token.stored.objectId && JSON.stringify(token.stored.objectId);
    return textOf(collection.own.get(name)!.id);
  });
}

/** The values of a token by the number of their property, each opened when it is asked for; null where there is none. */
export function valuesOf(token: OpenToken): TextOf {
  const open = tokenFieldOpener(token.key, placeOfToken(token.row));
  return (property) => {
    if (token.stored.type === 'pointer') return openFieldText(token.object!, property);
    const field = token.row.snapshot?.find((packed) => packed.property === property);
    return field ? open(field) : null;
  };
}
