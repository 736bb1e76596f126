import { randomUUID } from 'node:crypto';
import { VaultError } from '../../errors.js';
import type { Statement } from '../../store/database.js';
import { insertTokenKeys, insertTokens } from '../../store/tokens/change-tokens.js';
import { findByValue, findRecords, findTaken } from '../../store/tokens/find-reusable.js';
import { guardIds, guardValues, lockTokens } from '../../store/tokens/guard-tokens.js';
import type { StoredToken } from '../../store/tokens/token-row.js';
import { findObjects } from '../../store/objects/find-objects.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { openObject } from '../objects/open-object.js';
import { checkTenants, tenantForNew } from '../tenancy.js';
import type { Vault } from '../vault.js';
import { openToken } from './open-token.js';
import { type NewToken, prepareToken } from './prepare-token.js';
import type { ReadTokenData } from './read-token-data.js';
import { tokenValuesOf, valueHashOf } from './token-identity.js';
import { idsOfProperties } from './token-properties.js';
import type { TokenOwner } from './token-sources.js';

/** Each item with its error, or the statements that bring all of them in. */
export type ImportPlan =
  | { readonly failures: ReadonlyMap<number, VaultError> }
  | { readonly failures: null; readonly statements: readonly Statement[] };

/** Decides whether every one of these tokens can come in as it is. */
export async function planImport(
  call: Call<'importTokens'>,
  vault: Vault,
  collection: KnownCollection,
  items: readonly ReadTokenData[],
): Promise<ImportPlan> {
  const owners = await findOwners(call, vault, collection, items);
  const failures = new Map<number, VaultError>();
  const drafts = items.map((item, i): NewToken | null => {
    try {
      return draftOf(call, vault, collection, item, owners);
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      failures.set(i, error);
      return null;
    }
  });
  const there = await findThere(
    vault,
    collection,
    drafts.filter((draft) => draft !== null),
  );
  const seen: Seen = { valueOfId: new Map(), idOfValue: new Map(), records: new Set() };
  drafts.forEach((draft, i) => {
    const error = draft && conflictOf(draft, there, seen, items[i]!);
    if (error) failures.set(i, error);
  });
  if (failures.size > 0) return { failures };

  const tokens = drafts.filter((draft) => draft !== null);
  const prepared = await Promise.all(tokens.map((token) => prepareToken(vault, collection, token)));
  const keys = prepared.flatMap(({ write, ownKey }) => (ownKey ? [{ record: write.id, key: ownKey }] : []));
  const valued = new Map(tokens.flatMap(({ valueHash }) => (valueHash ? [[hex(valueHash), valueHash]] : [])));
  const expected = [...valued.values()].map((value) => {
    const known = there.byValue.get(hex(value));
    return { value, token: known ? { id: known.stored.id, hash: known.stored.hash } : null };
  });
  const claims = tokens.map(({ hash, valueHash }) => ({ hash, value: valueHash }));
  return {
    failures: null,
    statements: [
      lockTokens([...valued.values(), ...tokens.map(({ hash }) => hash)]),
      ...(expected.length > 0 ? [guardValues(expected)] : []),
      // What was taken meanwhile is looked at again, and then is an error of its item.
      guardIds(collection.id, claims, 'PV3218'),
      ...(keys.length > 0 ? [insertTokenKeys(collection.id, keys)] : []),
      insertTokens(prepared.map(({ write }) => write)),
    ],
  };
}

/** What of the tokens is in the vault already. */
interface There {
  readonly taken: ReadonlySet<string>;
  /** The token that each value has: its id, and whether it is one of this collection. */
  readonly byValue: ReadonlyMap<string, { stored: StoredToken; id: string; here: boolean }>;
  readonly records: ReadonlySet<string>;
}

/** What earlier items of the request bring in. */
interface Seen {
  readonly valueOfId: Map<string, string>;
  readonly idOfValue: Map<string, string>;
  readonly records: Set<string>;
}

async function findOwners(
  call: Call<'importTokens'>,
  vault: Vault,
  collection: KnownCollection,
  items: readonly ReadTokenData[],
): Promise<Map<string, TokenOwner>> {
  const ids = [...new Set(items.flatMap(({ objectId }) => objectId ?? []))];
  const rows = ids.length > 0 ? await findObjects(vault.database, collection.id, ids, 'active') : [];
  checkTenants(call, rows);
  const owners = new Map<string, TokenOwner>();
  for (const row of rows) {
    owners.set(row.id, { id: row.id, tenant: row.tenant, key: (await openObject(vault, row)).key });
  }
  return owners;
}

function draftOf(
  call: Call<'importTokens'>,
  vault: Vault,
  collection: KnownCollection,
  item: ReadTokenData,
  owners: ReadonlyMap<string, TokenOwner>,
): NewToken {
  const owner = item.objectId === null ? null : owners.get(item.objectId);
  if (owner === undefined) throw new VaultError('PV3005', { ids: item.objectId! });
  const values = tokenValuesOf(collection, item.scope, item.texts);
  const valueHash = valueHashOf(vault, item.type, values);
  if (valueHash && item.texts.size === 0)
    throw new VaultError('PV9006', { field: item.at('fields'), reason: 'there is nothing to tokenize' });
  return {
    record: randomUUID(),
    id: item.id,
    hash: vault.keyring.lookup.tokenHash(collection.id, item.id),
    valueHash,
    type: item.type,
    scope: item.scope,
    owner,
    tenant: owner?.tenant ?? tenantForNew(call, item.tenant),
    props: idsOfProperties(collection, item.properties),
    texts: item.texts,
    tags: item.tags,
    expiresAt: item.expiresAt,
    createdAt: item.createdAt,
    modifiedAt: item.modifiedAt,
  };
}

async function findThere(
  vault: Vault,
  collection: KnownCollection,
  tokens: readonly NewToken[],
): Promise<There> {
  const valued = tokens.filter(({ valueHash }) => valueHash);
  const values = new Map(valued.map(({ valueHash }) => [hex(valueHash!), valueHash!]));
  const [taken, byValue, records] = await Promise.all([
    findTaken(
      vault.database,
      collection.id,
      tokens.map(({ hash }) => hash),
    ),
    findByValue(vault.database, collection.id, [...values.values()]),
    findRecords(
      vault.database,
      collection.id,
      valued.map(({ hash, owner, tenant }) => ({ hash, objectId: owner?.id ?? null, tenant })),
    ),
  ]);
  const known = await Promise.all(
    byValue.map(async (stored) => {
      const id = (await openToken(vault, stored)).meta.tokenId;
      return [hex(stored.valueHash!), { stored, id, here: stored.collection === collection.id }] as const;
    }),
  );
  return {
    taken: new Set(taken.map(hex)),
    byValue: new Map(known),
    records: new Set(records.map(({ hash, objectId, tenant }) => recordKey(hash, objectId, tenant))),
  };
}

/**
 * Why a token cannot come in beside what is there and what comes before it, or null. Equal values may come in again only under the id they have,
 * for another owner: that is one token with several records, as it was exported.
 */
function conflictOf(token: NewToken, there: There, seen: Seen, { at }: ReadTokenData): VaultError | null {
  const record = recordKey(token.hash, token.owner?.id ?? null, token.tenant);
  const value = token.valueHash ? hex(token.valueHash) : token.record;
  const known = there.byValue.get(value);
  const id = known?.id ?? seen.idOfValue.get(value) ?? token.id;
  const free = known?.here === true || !there.taken.has(hex(token.hash));
  const ofThisValue = (seen.valueOfId.get(token.id) ?? value) === value;
  const isNew = !there.records.has(record) && !seen.records.has(record);
  seen.idOfValue.set(value, id);
  seen.valueOfId.set(token.id, value);
  seen.records.add(record);

  if (id !== token.id) return new VaultError('PV9041', { field: at('token_id') });
  return free && ofThisValue && isNew ? null : new VaultError('PV9040', { field: at('token_id') });
}

function recordKey(hash: Buffer, objectId: string | null, tenant: string): string {
  return JSON.stringify([hex(hash), objectId, tenant]);
}

function hex(bytes: Buffer): string {
  return bytes.toString('hex');
}
