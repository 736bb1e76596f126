import { VaultError } from '../../errors.js';
import type { Lifecycle, ObjectRow } from '../../store/objects/object-row.js';
import { findObjects } from '../../store/objects/find-objects.js';
import { type TokenSelection, findOneOfEach, findTokens } from '../../store/tokens/find-tokens.js';
import type { StoredToken } from '../../store/tokens/token-row.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { checkAllFound, readObjectIds } from '../objects/object-ids.js';
import { checkTenants, isLimited, isWithinReach, tenantFilter } from '../tenancy.js';
import type { Vault } from '../vault.js';

/** How a request names tokens: ids, owners or tags; the kinds given must all be met. */
export interface AskedTokens {
  readonly token_ids?: readonly string[] | undefined;
  readonly object_ids?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
}

const SELECTORS = ['object_ids', 'tags', 'token_ids'] as const;

/**
 * The tokens a request is about, those asked for by id in the order of the request, others in the order of creation. An id can stand on very
 * many records: `one` of each is enough where only what they stand for matters. Throws PV9009 for tokens of other tenants alone.
 */
export async function selectTokens(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  asked: AskedTokens,
  lifecycle: Lifecycle,
  records: 'all' | 'one' = 'all',
): Promise<StoredToken[]> {
  const { lookup } = vault.keyring;
  const most = vault.settings.maxPageSize;
  for (const [field, values] of Object.entries(asked) as [string, string[] | undefined][]) {
    if (values && values.length > most) throw new VaultError('PV9007', { field });
  }

  const tokenIds = given(asked.token_ids);
  const objectIds = given(asked.object_ids);
  const tags = given(asked.tags);
  if (!tokenIds && !objectIds && !tags) {
    throw new VaultError('PV9006', {
      field: 'token_ids',
      reason: 'token_ids, object_ids or tags are needed',
    });
  }

  const owners = objectIds && readObjectIds(objectIds);
  if (owners) checkAllFound(owners, await findOwners(vault, collection, owners, lifecycle));
  const hashes = tokenIds && [...new Set(tokenIds)].map((id) => lookup.tokenHash(collection.id, id));
  const selection: TokenSelection = {
    hashes,
    objectIds: owners,
    tags: tags && tags.map((tag) => lookup.tag(collection.id, tag)),
  };
  const found =
    records === 'one' && hashes && !owners && !tags && !call.principal.restrictions?.objects
      ? await findOneOfEach(vault.database, collection.id, hashes, lifecycle, tenantFilter(call))
      : await findTokens(vault.database, collection.id, selection, lifecycle, most + 1);
  if (found.length > most)
    throw new VaultError('PV9007', { field: SELECTORS.find((field) => given(asked[field])) ?? 'tags' });
  return inOrder(withinReach(call, found), hashes);
}

/**
 * Equal values of several tenants and objects share an id: of such a token only the records that the request and its caller are limited to are
 * meant. One whose records are all somebody else's refuses all: PV9009, or PV9065 for a caller limited to objects.
 */
function withinReach(call: Call, found: readonly StoredToken[]): readonly StoredToken[] {
  if (!isLimited(call)) return found;
  const own = found.filter((token) => isWithinReach(call, token));
  const reached = new Set(own.map(({ hash }) => hash.toString('hex')));
  checkTenants(
    call,
    found.filter(({ hash }) => !reached.has(hash.toString('hex'))),
  );
  return own;
}

/** An archived token may belong to an object of either kind, an active one only to an active object. */
async function findOwners(
  vault: Vault,
  collection: KnownCollection,
  ids: readonly string[],
  lifecycle: Lifecycle,
): Promise<ObjectRow[]> {
  const active = await findObjects(vault.database, collection.id, ids, 'active');
  if (lifecycle === 'active') return active;
  return [...active, ...(await findObjects(vault.database, collection.id, ids, 'archived'))];
}

function given(values: readonly string[] | undefined): readonly string[] | null {
  return values && values.length > 0 ? values : null;
}

function inOrder(tokens: readonly StoredToken[], hashes: readonly Buffer[] | null): StoredToken[] {
  if (tokens.length < 2) return [...tokens];
  const position = new Map(hashes?.map((hash, i) => [hash.toString('hex'), i]));
  const placed = tokens.map((token) => ({ token, at: position.get(token.hash.toString('hex')) ?? 0 }));
  placed.sort(
    (a, b) =>
      a.at - b.at ||
      a.token.createdAt.getTime() - b.token.createdAt.getTime() ||
      (a.token.id < b.token.id ? -1 : 1),
  );
  return placed.map(({ token }) => token);
}
