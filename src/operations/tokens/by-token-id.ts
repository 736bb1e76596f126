import type { OpenToken } from './open-token.js';

/** The records behind each token id, in the order in which the ids come first: one answer for each id. */
export function byTokenId(tokens: readonly OpenToken[]): OpenToken[][] {
  const groups = new Map<string, OpenToken[]>();
  for (const token of tokens) {
    const group = groups.get(token.meta.tokenId);
    if (group) group.push(token);
    else groups.set(token.meta.tokenId, [token]);
  }
  return [...groups.values()];
}
